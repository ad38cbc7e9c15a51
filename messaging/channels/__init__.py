"""Ways out of the house, one folder a provider. SMS and WeChat will come as further folders."""
