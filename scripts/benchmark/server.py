"""The local index as its own process: TLS, HTTP/1.1 and HTTP/2, commanded line by line on standard input.

It says on standard output where it listens; every line it is sent is a JSON object with any of ``latency_s``,
``page_max_age_s`` and ``reset``, and is answered with the log as it was before.
"""

import argparse
import asyncio
import gc
import json
import ssl
import sys
from pathlib import Path

import trustme

from benchmark.exchange import Exchange, Log
from benchmark.pages import Shape, Site
from benchmark.protocols import Connection
from benchmark.wheel_site import WheelSite
from benchmark.worlds import world_named

_HOST = "127.0.0.1"


async def _serve(world_name: str, shape: Shape, ca_file: Path) -> None:
    security = _security(ca_file)
    loop = asyncio.get_running_loop()
    exchanges: list[Exchange] = []
    listen = [await loop.create_server(lambda: Connection(exchanges[0]), _HOST, 0, ssl=security) for _ in range(2)]
    index_url, files_url = (f"https://{_HOST}:{server.sockets[0].getsockname()[1]}" for server in listen)
    log = Log()
    folder = Path(world_name)
    site = WheelSite(folder, files_url) if folder.is_dir() else Site(world_named(world_name), shape, files_url)
    exchange = Exchange(site, log)
    exchanges.append(exchange)
    gc.freeze()
    gc.disable()
    print(json.dumps({"index_url": f"{index_url}/simple/"}), flush=True)

    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        command = json.loads(line)
        print(json.dumps(log.to_dict()), flush=True)
        exchange.latency_s = command.get("latency_s", exchange.latency_s)
        exchange.page_max_age_s = command.get("page_max_age_s", exchange.page_max_age_s)
        if command.get("reset"):
            log.reset()


def _security(ca_file: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_file)
    security = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(_HOST).configure_cert(security)
    security.set_alpn_protocols(["h2", "http/1.1"])
    return security


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("world", help="recorded, a generated one by name, or a folder of wheels")
    parser.add_argument("--shape", type=Shape, default=Shape.JSON)
    parser.add_argument("--ca-file", type=Path, required=True, help="where to write the certificate to trust")
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.world, arguments.shape, arguments.ca_file))


if __name__ == "__main__":
    main()
