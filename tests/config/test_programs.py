import socket

import pytest

from config.programs import take_port

HOST = "127.0.0.1"


def test_take_port_passes_over_one_that_somebody_listens_on() -> None:
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        taken = server.getsockname()[1]
        port = take_port(HOST, taken)
        assert port.number > taken
        port.guard.close()


def test_take_port_passes_over_one_that_another_house_took() -> None:
    first = take_port(HOST, 18600)
    second = take_port(HOST, first.number)
    assert second.number > first.number
    first.guard.close()
    third = take_port(HOST, first.number)
    assert third.number == first.number
    for port in (second, third):
        port.guard.close()


def test_take_port_without_a_free_one() -> None:
    with pytest.raises(OSError, match="No free port between 18600 and 18799"):
        take_port("203.0.113.1", 18600)  # an address this machine does not have
