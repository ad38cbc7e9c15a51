"""WeChat Pay, API version 3, through wechatpayv3 in public-key mode."""
