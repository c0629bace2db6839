"""A demo server in an empty folder, for as long as the clients need it."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


START_SECONDS = 60
STOP_SECONDS = 60
LOG = "server.log"
# The pages whose scripts may call: one by name, and one that a browser opens from a port of this machine.
ORIGIN = "https://pos.example"
PAGE_PORT = free_port()


def await_demo(server: subprocess.Popen, log: str) -> None:
    """Waits for the calls that the demo prints once it holds its customers."""
    for _ in range(START_SECONDS * 10):
        assert server.poll() is None, f"the server ended with {server.returncode} before it served"
        if "buf curl" in pathlib.Path(log).read_text(encoding="utf-8"):
            return
        time.sleep(0.1)
    raise AssertionError(f"the demo printed no calls within {START_SECONDS} s")


@contextlib.contextmanager
def demo_server(binary: str, folder: str):
    """A demo in an empty folder; ended with SIGTERM, which it must obey with exit code 0."""
    address = f"127.0.0.1:{free_port()}"
    log = open(os.path.join(folder, LOG), "w+", encoding="utf-8")
    command = [binary, "serve", "--demo", "--listen", address, "--cors-origins",
               f"{ORIGIN},http://127.0.0.1:{PAGE_PORT}"]
    server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        await_demo(server, log.name)
        yield address
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0, f"the server ended with {server.returncode}"
    except BaseException:
        log.seek(0)
        print(log.read()[-4000:], file=sys.stderr)
        raise
    finally:
        server.kill()
        server.wait()
        log.close()
