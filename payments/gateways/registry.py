"""Which gateway serves which merchant."""

from functools import lru_cache

from payments.gateways.alipay.gateway import AlipayGateway
from payments.gateways.interface import Gateway, MerchantConfig
from payments.gateways.wechat.gateway import WeChatGateway

GATEWAYS: dict[str, type[WeChatGateway] | type[AlipayGateway]] = {
    "wechat": WeChatGateway,
    "alipay": AlipayGateway,
}


@lru_cache(maxsize=256)
def gateway_for(config: MerchantConfig) -> Gateway:
    """Return the gateway of a merchant, made once for each configuration. Raises LookupError for an unknown name."""
    if config.gateway not in GATEWAYS:
        raise LookupError(f"There is no payment gateway named {config.gateway!r}.")
    return GATEWAYS[config.gateway](config)
