"""Where a message may go from each state."""

import pytest

from messaging.domain.lifecycle import MessageState as S
from messaging.domain.lifecycle import can_move


@pytest.mark.parametrize("state", [S.SENT, S.DELIVERED, S.OPENED, S.UNKNOWN, S.DROPPED])
def test_can_move_never_back_to_planned_once_it_may_have_left(state):
    assert not can_move(state, S.PLANNED)


def test_can_move_failed_may_be_tried_again():
    assert can_move(S.FAILED, S.PLANNED)
