"""Like fake_daemon.py, but does not stop when asked to."""

import signal

import fake_control_socket

configuration = fake_control_socket.checked_configuration()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
fake_control_socket.serve(configuration)
