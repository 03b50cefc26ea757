import json
import os
import socket
from pathlib import Path

import pytest

from playhead.settings import FREE_PORTS, StackSettings
from playhead.stack.addresses import NotRunning, announce, choose, of_running, withdraw
from playhead.stack.ports import PortTaken, free_ports


def settings(**ports: int) -> StackSettings:
    return StackSettings(**{**FREE_PORTS, **ports})


def test_a_port_of_0_is_a_free_one_and_all_differ() -> None:
    addresses = choose(settings())
    ports = [getattr(addresses, name) for name in type(addresses).__struct_fields__]
    assert len(set(ports)) == len(ports) == 6
    assert all(ports)


def test_a_named_port_is_taken_as_it_is() -> None:
    (port,) = free_ports(1)
    assert choose(settings(collector_port=port)).collector == f"http://127.0.0.1:{port}"


def test_a_named_port_in_use_names_its_setting() -> None:
    named = pytest.raises(PortTaken, match="PLAYHEAD_STACK_QUERY_API_PORT")
    with socket.create_server(("127.0.0.1", 0)) as server, named:
        choose(settings(query_api_port=server.getsockname()[1]))


def test_a_running_stack_is_found_by_its_data_folder(tmp_path: Path) -> None:
    addresses = choose(settings())
    announce(tmp_path, addresses)
    assert of_running(tmp_path) == addresses
    withdraw(tmp_path)
    with pytest.raises(NotRunning, match="no stack runs"):
        of_running(tmp_path)


def test_one_whose_supervisor_is_gone_is_not_running(tmp_path: Path) -> None:
    announce(tmp_path, choose(settings()))
    file = tmp_path / "running.json"
    said = json.loads(file.read_text())
    assert said["pid"] == os.getpid()
    file.write_text(json.dumps(said | {"started_at_s": said["started_at_s"] - 100}))
    with pytest.raises(NotRunning, match="has ended"):
        of_running(tmp_path)
