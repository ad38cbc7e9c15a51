"""Alipay's open platform, through python-alipay-sdk with RSA2 keys."""
