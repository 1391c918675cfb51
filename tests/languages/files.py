"""A fixture in Python: what its standard library does with files, each step with how it went."""

import json
import os
import shutil
from pathlib import Path

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import plugin
from wit_world.imports import tool_types, types


class Plugin(exports.Plugin):
    def metadata(self):
        return plugin.PluginInfo(
            name="python-files",
            version="0.1.0",
            description="Fixture: what Python does with files",
            author="The paracle-host authors",
            homepage=None,
            license="Apache-2.0 OR MIT",
            kind=plugin.Kind.TOOL,
            capabilities=[types.Capability.FILE_ACCESS],
            dependencies=[],
            paracle_version=">=0.1.0",
            config_schema=None,
            tags=[],
            stateful=False,
        )

    def validate_config(self, config):
        pass

    def initialize(self, config):
        pass

    def health(self):
        return plugin.HealthReport(
            plugin="python-files",
            version="0.1.0",
            status=plugin.Status.HEALTHY,
            capabilities=[types.Capability.FILE_ACCESS],
            detail=None,
        )

    def shutdown(self):
        pass


class Tool(exports.Tool):
    def list_tools(self):
        hints = tool_types.Annotations(read_only=False, destructive=True, idempotent=False, open_world=False)
        return [
            tool_types.ToolInfo(
                name="exercise",
                title=None,
                description="Works through the steps in the workspace.",
                parameters='{"type": "object"}',
                returns=None,
                annotations=hints,
            )
        ]

    def validate_parameters(self, name, arguments):
        pass

    def execute(self, name, context, arguments):
        if context.workspace is None:
            raise Err(tool_types.ToolError_Runtime("there is no workspace"))
        answer = json.dumps(steps(Path(context.workspace)))
        return tool_types.Output(content=[tool_types.Content_Text(answer)], structured=answer)


def steps(root):
    """Does one thing after the other; what is wrong is named with what came instead."""
    wrong = []

    def must(name, wanted, do):
        try:
            got = do()
        except OSError as error:
            got = f"{type(error).__name__} {error}"
        if got != wanted:
            wrong.append(f"{name}: {got!r}, not {wanted!r}")

    def must_fail(name, kind, do):
        try:
            wrong.append(f"{name}: {do()!r}, and no error")
        except OSError as error:
            if not isinstance(error, kind):
                wrong.append(f"{name}: {error!r}, not {kind.__name__}")

    folder = root / "python"
    must("read what is committed", "# A repository\n", lambda: (root / "README.md").read_text())
    must("make a folder", None, folder.mkdir)
    must_fail("make it again", FileExistsError, folder.mkdir)
    must("make folders", None, lambda: os.makedirs(folder / "a/b/c"))
    must("write", 5, lambda: (folder / "a/one").write_bytes(b"1\n2\n3"))
    must("append", None, lambda: print("\n4", end="", file=open(folder / "a/one", "a")))
    must("read lines", ["1\n", "2\n", "3\n", "4"], lambda: list(open(folder / "a/one")))
    must("seek and overwrite", b"1\nX\n3\n4", lambda: overwritten(folder / "a/one"))
    must("truncate", 3, lambda: (os.truncate(folder / "a/one", 3), os.stat(folder / "a/one").st_size)[1])
    must("exists", (True, False), lambda: ((folder / "a").is_dir(), (folder / "none").exists()))
    must("list", ["b", "one"], lambda: sorted(os.listdir(folder / "a")))
    must("walk", 3, lambda: len([at for at, _, _ in os.walk(folder / "a")]))
    must("rename", "moved", lambda: (folder / "a/one").rename(folder / "moved").name)
    must("replace", None, lambda: os.replace(folder / "moved", folder / "kept"))
    must("link", "kept", lambda: (os.symlink("kept", folder / "link"), os.readlink(folder / "link"))[1])
    must("read through it", b"1\nX", lambda: (folder / "link").read_bytes())
    must("remove the link", None, lambda: os.remove(folder / "link"))
    must("set times", 1000, lambda: (os.utime(folder / "kept", (5, 1000)), os.stat(folder / "kept").st_mtime)[1])
    must("copy", b"1\nX", lambda: (shutil.copyfile(folder / "kept", folder / "copy"), (folder / "copy").read_bytes())[1])
    must("large", 3 << 20, lambda: ((folder / "large").write_bytes(b"x" * (3 << 20)), len((folder / "large").read_bytes()))[1])
    must("remove a tree", False, lambda: (shutil.rmtree(folder / "a"), (folder / "a").exists())[1])
    must_fail("remove what is not empty", OSError, folder.rmdir)
    must_fail("read what is not there", FileNotFoundError, lambda: open(folder / "none"))
    must_fail("open a folder", IsADirectoryError, lambda: open(folder, "w"))
    must_fail("list a file", NotADirectoryError, lambda: os.listdir(folder / "kept"))
    must_fail("read above", OSError, lambda: open(root / "../etc/passwd"))
    must_fail("link out", OSError, lambda: os.symlink("../../etc", folder / "out"))
    must_fail("make .git", OSError, lambda: os.mkdir(folder / ".git"))
    return {"wrong": wrong}


def overwritten(path):
    with open(path, "r+b") as file:
        file.seek(2)
        file.write(b"X")
        file.seek(0)
        return file.read()
