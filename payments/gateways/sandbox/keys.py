"""The platform's own keys and those of its merchants, made once and kept in the state folder."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

WECHAT, ALIPAY = "wechat", "alipay"


@dataclass(frozen=True)
class Merchant:
    """One merchant at one platform; `secret` is WeChat's APIv3 key, `serial` that of the merchant's certificate."""

    platform: str
    merchant_id: str
    app_id: str
    name: str
    public_key: RSAPublicKey
    serial: str = ""
    secret: str = ""


@dataclass(frozen=True)
class KeyRing:
    """The two platform keys, and the merchants by platform and number."""

    wechat: RSAPrivateKey
    alipay: RSAPrivateKey
    wechat_key_id: str
    merchants: tuple[Merchant, ...]

    def find_merchant(self, platform: str, *, merchant_id: str = "", app_id: str = "") -> Merchant | None:
        """Return the merchant with this number or this app, None when the platform has no such merchant."""
        for merchant in self.merchants:
            if merchant.platform == platform and (
                merchant.merchant_id == merchant_id or merchant.app_id == app_id
            ):
                return merchant
        return None


def open_keys(state: Path, *, name: str, merchants: int = 1) -> KeyRing:
    """Return the keys of a state folder, making those that are missing; `merchants` accounts at each platform."""
    folder = state / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wechat = open_key(folder / "platform-wechat.pem")
    known = [
        make(folder, name, number)
        for number in range(1, merchants + 1)
        for make in (_wechat_merchant, _alipay_merchant)
    ]
    return KeyRing(
        wechat, open_key(folder / "platform-alipay.pem"), f"PUB_KEY_ID_{_digits(wechat, 20)}", tuple(known)
    )


def open_key(path: Path) -> RSAPrivateKey:
    """Return the key of a file, made and kept there (mode 0600) when there is none."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(private_pem(generate_private_key(65537, 2048)))
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key.")
    return key


def write_configs(state: Path, keys: KeyRing, address: str, folder: Path | None = None) -> Path:
    """Write what the product must be configured with for each merchant, and return where: a list in `merchants.json`.

    With a folder, one file each in it too, `wechat-1900000001.json`: the product's own folder of merchant secrets.
    """
    configs = [_config(state, keys, merchant, address) for merchant in keys.merchants]
    path = state / "merchants.json"
    _write_secret(path, configs)
    if folder:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for config in configs:
            _write_secret(folder / f"{config['gateway']}-{config['merchant_id']}.json", config)
    return path


def _write_secret(path: Path, content: object) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=2))


def private_pem(key: RSAPrivateKey) -> str:
    """Return a private key as PKCS 8 text."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey) -> str:
    """Return the public half as text."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _config(state: Path, keys: KeyRing, merchant: Merchant, address: str) -> dict[str, str]:
    platform_key = keys.wechat if merchant.platform == WECHAT else keys.alipay
    shared = {
        "gateway": merchant.platform,
        "merchant_id": merchant.merchant_id,
        "app_id": merchant.app_id,
        "base_url": address,
        "private_key": _key_file(state / "keys", merchant).read_text(),
        "platform_key": public_pem(platform_key),
    }
    if merchant.platform == ALIPAY:
        return shared
    return shared | {
        "private_key_serial": merchant.serial,
        "platform_key_id": keys.wechat_key_id,
        "secret": merchant.secret,
    }


def _wechat_merchant(folder: Path, name: str, number: int) -> Merchant:
    merchant_id = f"19000{number:05d}"
    key = open_key(folder / f"merchant-wechat-{merchant_id}.pem")
    proof = _fingerprint(key)
    return Merchant(
        WECHAT, merchant_id, f"wx{proof[:16]}", name, key.public_key(), proof[:40].upper(), proof[-32:]
    )


def _alipay_merchant(folder: Path, name: str, number: int) -> Merchant:
    merchant_id = f"20880000{number:08d}"
    key = open_key(folder / f"merchant-alipay-{merchant_id}.pem")
    return Merchant(ALIPAY, merchant_id, f"2021{_digits(key, 12)}", name, key.public_key())


def _key_file(folder: Path, merchant: Merchant) -> Path:
    return folder / f"merchant-{merchant.platform}-{merchant.merchant_id}.pem"


def _fingerprint(key: RSAPrivateKey) -> str:
    """Return 64 hex digits that follow from the private key, so that ids and secrets need no file of their own."""
    return hashlib.sha256(private_pem(key).encode()).hexdigest()


def _digits(key: RSAPrivateKey, count: int) -> str:
    return str(int(_fingerprint(key), 16))[-count:]
