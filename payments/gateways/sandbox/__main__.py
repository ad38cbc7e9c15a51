"""Run the sandbox: `python -m payments.gateways.sandbox --state DIR [--port 8131]`, until it is told to stop."""

import argparse
import signal
import sys
from pathlib import Path

from payments.gateways.sandbox.desk import Desk
from payments.gateways.sandbox.faults import Faults
from payments.gateways.sandbox.keys import open_keys, write_configs
from payments.gateways.sandbox.server import Server
from payments.gateways.sandbox.store import Store


def main(arguments: list[str] | None = None) -> None:
    """Open the state folder, listen, write `merchants.json` and `address`, say so on one line, serve."""
    options = _parse(arguments)
    state: Path = options.state
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = open_keys(state, name=options.name, merchants=options.merchants)
    desk = Desk(keys, Store(state / "sandbox.sqlite3"), Faults(), options.public_url, options.pace)
    server = Server(options.host, options.port, desk)
    address = f"http://{options.host}:{server.server_port}"
    desk.address = options.public_url or address
    write_configs(state, keys, address, options.configs)
    (state / "address").write_text(address)
    desk.courier.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.stdout.write(f"Payment sandbox at {desk.address}, merchants in {state / 'merchants.json'}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m payments.gateways.sandbox", description=__doc__)
    parser.add_argument(
        "--state", type=Path, required=True, help="folder for keys, orders and merchants.json"
    )
    parser.add_argument("--configs", type=Path, help="folder for one configuration file a merchant, too")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8131, help="port to listen on; 0 takes a free one")
    parser.add_argument("--public-url", default="", help="address payers' browsers use, when another")
    parser.add_argument("--name", default="云杉物业服务有限公司", help="name of the merchants at the cashier")
    parser.add_argument("--merchants", type=int, default=1, help="accounts at each platform")
    parser.add_argument("--pace", type=float, default=1.0, help="factor on the waits between callback tries")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
