import os
import socket

import pytest

from playhead.stack.ports import PortTaken, demand_free, free_ports


def test_a_taken_port_says_which_for_what_by_whom_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken) as taken:
            demand_free(port, wanted_by="collector", setting="PLAYHEAD_STACK_COLLECTOR_PORT")
    message = str(taken.value)
    assert f"port {port} for collector" in message
    assert f"process {os.getpid()} (" in message
    assert "pytest" in message
    assert "PLAYHEAD_STACK_COLLECTOR_PORT" in message


def test_a_free_port_is_not_taken() -> None:
    ports = free_ports(3)
    assert len(set(ports)) == 3
    for port in ports:
        demand_free(port, wanted_by="x", setting="Y")
