"""Signatures and encryption of both platforms: RSA with SHA-256, and AES-256-GCM for WeChat's callbacks."""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

WECHAT_ALGORITHM = "WECHATPAY2-SHA256-RSA2048"


def sign(key: RSAPrivateKey, text: str) -> str:
    """Return the Base64 signature of the text."""
    return b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def is_signed(key: RSAPublicKey, text: str, signature: str) -> bool:
    """Say whether the owner of the key signed exactly this text."""
    try:
        key.verify(b64decode(signature, validate=True), text.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def encrypt(secret: str, nonce: str, text: str, context: str) -> str:
    """Return the text sealed for the merchant who holds the APIv3 key, as Base64."""
    return b64encode(
        AESGCM(secret.encode()).encrypt(nonce.encode(), text.encode(), context.encode())
    ).decode()


def wechat_headers(key: RSAPrivateKey, key_id: str, body: str, stamp: int) -> dict[str, str]:
    """Return the five headers by which WeChat signs an answer or a callback."""
    nonce = secrets.token_hex(16)
    return {
        "Wechatpay-Signature": sign(key, f"{stamp}\n{nonce}\n{body}\n"),
        "Wechatpay-Timestamp": str(stamp),
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": key_id,
        "Wechatpay-Signature-Type": WECHAT_ALGORITHM,
    }


def join_fields(fields: Mapping[str, str]) -> str:
    """Return Alipay's text to be signed: the fields by name, joined like a query without any coding."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields))
