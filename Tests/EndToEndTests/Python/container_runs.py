"""Containers without an engine: mount and process namespaces, and a root file system as the Dockerfile makes it."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

import container_recipes


class Image:
    """What docker build would make of the daemon that is on the PATH."""

    def __init__(self, folder):
        self.root = folder / "image"
        self.root.mkdir()
        script = container_recipes.CONFIG / "container/root-file-system"
        subprocess.run([script, shutil.which("stsbrokerd"), self.root], check=True)


class Pod:
    """The daemon's container and the program's, which share the network and a volume."""

    def __init__(self, image, recipe, folder, settings):
        self.image, self.recipe = image, recipe
        self.run, self.identity, self.log = (folder / f"{recipe.name}-{name}" for name in ("run", "identity", "log"))
        self.run.mkdir(mode=0o755)
        # Kubernetes' empty volumes are everybody's, the others belong to the image's user.
        if recipe.name == "kubernetes":
            self.run.chmod(0o777)
        else:
            os.chown(self.run, recipe.user, recipe.user)
        self.identity.mkdir(mode=0o755)
        (image.root / recipe.identity.removeprefix("/")).mkdir(parents=True, exist_ok=True)
        self.settings = recipe.settings | settings

    def _in_image(self, command):
        """In a read-only root, as a user without rights, and as the first of its processes."""
        script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && mount -t proc proc "$0/proc" && '
        script += 'mount --bind "$1" "$0/run/stsbrokerd" && mount --bind -o ro "$2" "$0$3" && user=$4 && root=$0 && '
        script += 'shift 4 && exec chroot --userspec="$user:$user" --groups= "$root" "$@"'
        values = [self.image.root, self.run, self.identity, self.recipe.identity, str(self.recipe.user)]
        return [*self._namespaces(), "sh", "-c", script, *values, *command]

    @staticmethod
    def _namespaces():
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child"]

    @contextlib.contextmanager
    def running(self):
        _, entry_point, _ = container_recipes.dockerfile()
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(self._in_image(entry_point), stderr=log, env=self.settings)
        try:
            yield self
        finally:
            self.process.kill()
            self.process.wait()

    def signal(self, number):
        """To the daemon, which is the only child of unshare(1)."""
        [child] = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        os.kill(int(child), number)

    def health(self):
        """Of the health check: its exit status, and what it says."""
        result = subprocess.run(self._in_image(self.recipe.health), capture_output=True, text=True, env=self.settings)
        return result.returncode, result.stderr

    def put_token(self, text):
        """As whoever renews it does: another file in its place."""
        (self.identity / "new").write_text(text)
        (self.identity / "new").rename(self.identity / "token")

    def as_program(self, *command, user=None, rights=(), **settings):
        """In a container beside the daemon's, with its volume at the same place, but read-only."""
        user = str(user or self.recipe.program_user)
        script = 'mount -t tmpfs run /run && mkdir /run/stsbrokerd && mount --bind -o ro "$0" /run/stsbrokerd && exec "$@"'
        who = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", *rights]
        return subprocess.run(
            [*self._namespaces(), "sh", "-c", script, self.run, *who, *self.recipe.prefix, *command],
            capture_output=True, text=True, env={"PATH": os.environ["PATH"]} | self.recipe.program_settings | settings)

    def boto3(self, sts_url, **arguments):
        """What boto3 finds with what the recipe tells it. The interpreter may lie where only root can read it."""
        program = "import boto3, sys; s = boto3.Session(region_name='us-east-1')\n"
        program += "print(s.client('sts', endpoint_url=sys.argv[1]).get_caller_identity()['Arn'])"
        reads_all = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        return self.as_program(sys.executable, "-c", program, sts_url, rights=reads_all, **arguments)
