"""E-mail through Django's mail back end (SMTP in production)."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping

from django.core.mail import EmailMessage, make_msgid

from messaging.channels.interface import ChannelError, Letter, Sent


class EmailChannel:
    """One plain-text mail a letter; the Message-ID is the provider's id."""

    name = "email"

    def __init__(self, sender: str) -> None:
        self._sender = sender

    def address_of(self, contact: Mapping[str, str]) -> str:
        """The e-mail address."""
        return contact.get("email", "")

    def send(self, letter: Letter) -> Sent:
        """Send the mail.

        Raises:
            ChannelError: permanent when the server refuses the address, unknown when it fell silent.
        """
        message_id = make_msgid(idstring=letter.key.replace(":", "."))
        headers = {"Message-ID": message_id}
        mail = EmailMessage(letter.subject, letter.body, self._sender, [letter.address], headers=headers)
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise ChannelError(str(error), permanent=True) from error
        except (TimeoutError, smtplib.SMTPServerDisconnected) as error:
            raise ChannelError(str(error), unknown=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelError(str(error)) from error
        return Sent(provider_id=message_id[:80])
