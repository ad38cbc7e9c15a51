"""The keys of a state folder, and the configurations written from them."""

import json
import stat
from pathlib import Path

from payments.gateways.interface import MerchantConfig
from payments.gateways.sandbox.keys import open_keys, write_configs


def test_open_keys_twice_finds_the_same_keys(tmp_path: Path) -> None:
    first = open_keys(tmp_path, name="云杉物业", merchants=2)
    second = open_keys(tmp_path, name="云杉物业", merchants=2)
    assert first.wechat_key_id == second.wechat_key_id
    assert [merchant.secret for merchant in first.merchants] == [
        merchant.secret for merchant in second.merchants
    ]
    assert [merchant.merchant_id for merchant in first.merchants] == [
        "1900000001",
        "2088000000000001",
        "1900000002",
        "2088000000000002",
    ]


def test_write_configs_leaves_what_the_product_reads_and_nobody_else(tmp_path: Path) -> None:
    keys = open_keys(tmp_path, name="云杉物业")
    listed = write_configs(tmp_path, keys, "http://127.0.0.1:8131", tmp_path / "merchants")
    files = sorted((tmp_path / "merchants").iterdir())
    assert [file.name for file in files] == ["alipay-2088000000000001.json", "wechat-1900000001.json"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in [listed, *files]} == {0o600}
    configs = [MerchantConfig.from_mapping(config) for config in json.loads(listed.read_text())]
    assert [config.gateway for config in configs] == ["wechat", "alipay"]
    assert len(configs[0].secret) == 32
