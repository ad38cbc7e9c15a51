"""What messaging offers to apps below it: a way out for one-time codes."""

from django.utils.translation import gettext as _

from messaging.channels.interface import Letter
from messaging.channels.switchboard import find_channel_for
from users.services.codes import register_code_sender


def send_code_by_message(phone: str, code: str) -> None:
    """Send a one-time code to a phone. It is never stored, so no row of ``OutboundMessage`` is made for it."""
    channel = find_channel_for({"phone": phone})
    if channel is not None:
        words = _(
            "Your log-in code is %(code)s. It is valid for five minutes; nobody from us will ask for it."
        )
        channel.send(Letter(f"code:{phone}", phone, _("Log-in code"), words % {"code": code}))


register_code_sender(send_code_by_message)
