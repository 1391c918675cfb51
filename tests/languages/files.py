"""A fixture in Python: what its standard library does with files, each step with how it went."""

import errno
import json
import os
import shutil
import tempfile
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
        except Exception as error:
            got = f"{type(error).__name__} {error}"
        if got != wanted:
            wrong.append(f"{name}: {got!r}, not {wanted!r}")

    def must_fail(name, kind, do):
        try:
            wrong.append(f"{name}: {do()!r}, and no error")
        except Exception as error:
            if not isinstance(error, kind):
                wrong.append(f"{name}: {error!r}, not {kind}")

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
    must("json", {"a": [1, None, "ü"]}, lambda: dumped(folder / "data.json", {"a": [1, None, "ü"]}))
    must("copy a tree", ["b"], lambda: os.listdir(shutil.copytree(folder / "a", folder / "tree")))
    must("move", False, lambda: (shutil.move(folder / "tree", folder / "a/moved"), (folder / "tree").exists())[1])
    must("glob", ["copy", "data.json", "kept"], lambda: sorted(path.name for path in folder.glob("*") if path.is_file()))
    must("scan", {"a": True, "copy": False, "data.json": False, "kept": False}, lambda: scanned(folder))
    must("a temporary file", b"passing", lambda: passing(folder))
    must("a temporary folder", (True, False), lambda: folded(folder))
    must("lines of another system", "grün\n", lambda: converted(folder / "dos"))
    must("touch", True, lambda: ((folder / "touched").touch(), (folder / "touched").exists())[1])
    must("touch again", FileExistsError, lambda: kind_of(lambda: (folder / "touched").touch(exist_ok=False)))
    must("unlink", None, (folder / "touched").unlink)
    must("unlink what is gone", None, lambda: (folder / "touched").unlink(missing_ok=True))
    must("is the same", (True, False), lambda: (os.path.samefile(folder / "a", folder / "a/../a"), os.path.samefile(folder / "a", folder)))
    must("resolve", str(folder / "kept"), lambda: str((folder / "a/../kept").resolve()))
    must("relative to a descriptor", b"1", lambda: by_descriptor(folder))
    must("large", 3 << 20, lambda: ((folder / "large").write_bytes(b"x" * (3 << 20)), len((folder / "large").read_bytes()))[1])
    must("remove a tree", False, lambda: (shutil.rmtree(folder / "a"), (folder / "a").exists())[1])
    must_fail("remove what is not empty", OSError, folder.rmdir)
    must("its number", errno.ENOTEMPTY, lambda: number_of(folder.rmdir))
    must_fail("read what is not there", FileNotFoundError, lambda: open(folder / "none"))
    must_fail("open a folder", IsADirectoryError, lambda: open(folder, "w"))
    must_fail("list a file", NotADirectoryError, lambda: os.listdir(folder / "kept"))
    must_fail("list what is not there", FileNotFoundError, lambda: os.listdir(folder / "none"))
    must_fail("make below a file", NotADirectoryError, lambda: os.mkdir(folder / "kept/x"))
    must_fail("make below nothing", FileNotFoundError, lambda: os.mkdir(folder / "none/x"))
    must_fail("remove a file as a folder", NotADirectoryError, lambda: os.rmdir(folder / "kept"))
    must("make one more", None, lambda: os.mkdir(folder / "b"))
    must_fail("remove a folder as a file", IsADirectoryError, lambda: os.remove(folder / "b"))
    must_fail("replace a folder by a file", IsADirectoryError, lambda: os.replace(folder / "kept", folder / "b"))
    must_fail("write without asking to", OSError, lambda: os.write(os.open(folder / "kept", os.O_RDONLY), b"x"))
    must("remove it again", None, (folder / "b").rmdir)
    must_fail("read above", PermissionError, lambda: open(root / "../etc/passwd"))
    must_fail("link out", PermissionError, lambda: os.symlink("../../etc", folder / "out"))
    must_fail("make .git", PermissionError, lambda: os.mkdir(folder / ".git"))
    return {"wrong": wrong}


def kind_of(do):
    try:
        return do()
    except OSError as error:
        return type(error)


def number_of(do):
    try:
        return do()
    except OSError as error:
        return error.errno


def dumped(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def scanned(folder):
    with os.scandir(folder) as entries:
        return {entry.name: entry.is_dir() for entry in entries}


def passing(folder):
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(b"passing")
        file.flush()
        return Path(file.name).read_bytes()


def folded(folder):
    with tempfile.TemporaryDirectory(dir=folder) as name:
        (Path(name) / "inner").mkdir()
        there = os.path.isdir(name)
    return there, os.path.isdir(name)


def converted(path):
    path.write_bytes("grün\r\n".encode())
    text = path.read_text(encoding="utf-8")
    path.unlink()
    return text


def by_descriptor(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        file = os.open("kept", os.O_RDONLY, dir_fd=descriptor)
        try:
            return os.pread(file, 1, 0)
        finally:
            os.close(file)
    finally:
        os.close(descriptor)


def overwritten(path):
    with open(path, "r+b") as file:
        file.seek(2)
        file.write(b"X")
        file.seek(0)
        return file.read()
