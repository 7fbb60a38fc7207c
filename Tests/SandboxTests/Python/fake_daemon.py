"""Stands in for stsbrokerd: checks its configuration, then answers the control socket."""

import os
import signal

import fake_control_socket


def stop(*_):
    print("stopped in order", flush=True)
    os._exit(0)


configuration = fake_control_socket.checked_configuration()
signal.signal(signal.SIGTERM, stop)
fake_control_socket.serve(configuration)
