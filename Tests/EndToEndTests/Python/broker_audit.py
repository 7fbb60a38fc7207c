"""The signed audit trail of a real broker, through its own commands and behind its back. Ends at the first surprise."""

import json
import pathlib
import signal
import sqlite3
import subprocess
import tempfile

from faults.own_daemon import OwnDaemon
from own_broker import OwnBroker, awaited


def verified(text, *arguments):
    """Exit status and what was said."""
    result = subprocess.run(
        ["stsbroker", "audit", "verify", "-", *arguments], input=text, capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def audit(broker, daemon, *arguments):
    command = ["stsbroker", "audit", *arguments, "--broker", broker.url, "--socket", daemon.control]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return result.stdout


def stopped(broker):
    broker.process.send_signal(signal.SIGTERM)
    assert broker.process.wait(timeout=60) == 0, broker.log.read_text()[-3000:]


def server(broker, *arguments):
    return subprocess.run(
        ["stsbroker-server", "--config", broker.file, *arguments], capture_output=True, text=True,
        env=broker.environment)


def exported(broker):
    with OwnDaemon(broker.url, {"readonly": "readonly"}) as daemon:
        daemon.sign_in("approver")
        key = audit(broker, daemon, "key").strip()
        checkpoint = awaited(lambda: audit(broker, daemon, "checkpoints"), "a checkpoint").splitlines()[-1]
        for _ in range(5):
            assert broker.call("POST", "/v1/credentials", "developer", {"policy": "readonly"})[0] == 200
        assert broker.call("GET", "/v1/audit/checkpoints", "developer")[0] == 403
        return key, checkpoint, audit(broker, daemon, "export"), audit(broker, daemon, "export", "--after", "1")


def offline(key, checkpoint, trail):
    status, said = verified(trail, "--key", key, "--expect", checkpoint)
    assert status == 0 and "are signed" in said and "come after the last checkpoint" in said, said
    assert verified(trail)[0] == 0
    lines = trail.splitlines()
    signed = next(number for number, line in enumerate(lines) if "signature" in line)
    wanted = json.loads(checkpoint)
    # Every field of every kind of line, one after the other.
    for number in (0, signed, len(lines) - 1):
        for name, value in json.loads(lines[number]).items():
            other = value + 1 if isinstance(value, int) else ("B" if value.startswith("A") else "A") + value[1:]
            changed = [*lines[:number], json.dumps(json.loads(lines[number]) | {name: other}), *lines[number + 1:]]
            status, said = verified("\n".join(changed), "--key", key)
            assert status == 1 and ("record" in said or "checkpoint" in said), (number, name, said)
    # Cut off before what is known, and without its checkpoints.
    cut = [line for line in lines if json.loads(line)["sequence"] < wanted["sequence"]]
    if cut:
        assert verified("\n".join(cut), "--expect", checkpoint)[0] == 1
    bare = "\n".join(line for line in lines if "signature" not in line)
    assert verified(bare)[0] == 0 and verified(bare, "--key", key)[0] == 1
    assert verified(trail, "--key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")[0] == 1


def in_part(key, checkpoint, later):
    """What follows record 1 is checked from record 2 on; without its anchor, record 2 can't be."""
    anchor, first, *rest = later.splitlines()
    assert json.loads(anchor)["kind"] == "anchor" and json.loads(first)["sequence"] == 2, later
    status, said = verified(later, "--key", key, "--expect", checkpoint)
    assert status == 0 and "begins after record 1" in said, said
    changed = json.dumps(json.loads(first) | {"details": "{}"})
    assert verified("\n".join([anchor, changed, *rest]), "--key", key)[0] == 1
    for beginning in (first, changed):
        cut = "\n".join([beginning, *rest])
        status, said = verified(cut, "--key", key)
        assert status == 1 and "record 2 can't be checked" in said, said
        assert verified(cut, "--key", key, "--partial")[0] == 0
        assert verified(cut, "--partial", "--expect", f"2:{json.loads(first)['hash']}")[0] == 1


def tampered(broker, *statements):
    database = sqlite3.connect(broker.file.with_name("broker.sqlite"))
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        broker = OwnBroker(folder, {})
        key_file = folder / "broker.sqlite.audit-key"
        assert key_file.stat().st_mode & 0o777 == 0o600
        key, checkpoint, trail, later = exported(broker)
        offline(key, checkpoint, trail)
        in_part(key, checkpoint, later)
        stopped(broker)
        database = sqlite3.connect(folder / "broker.sqlite")
        [(head,)] = database.execute("SELECT MAX(sequence) FROM audit")
        [(signed,)] = database.execute("SELECT MAX(sequence) FROM audit_checkpoints")
        database.close()
        assert signed == head, "the end was not signed when the broker stopped"
        assert server(broker, "--verify-audit").returncode == 0

        # What was changed long ago doesn't delay a start; whoever wants to know reads all of it.
        tampered(broker, "DROP TRIGGER audit_is_never_updated", "UPDATE audit SET details = '{}' WHERE sequence = 2")
        broker.start()
        assert f"from={head}" in broker.log.read_text(), broker.log.read_text()
        assert "audit trail broken" not in broker.log.read_text()
        stopped(broker)
        result = server(broker, "--verify-audit")
        assert result.returncode == 1 and "sequence=2" in result.stderr, result

        # Cut off: the last checkpoint of the broker itself says so.
        tampered(broker, "DROP TRIGGER audit_is_never_deleted", f"DELETE FROM audit WHERE sequence >= {head}")
        broker.start()
        assert "audit trail broken" in broker.log.read_text()
        stopped(broker)

        # A key that others could read signs nothing.
        key_file.chmod(0o644)
        result = server(broker)
        assert result.returncode == 1 and "audit-key" in result.stderr and "chmod go=" in result.stderr, result


main()
