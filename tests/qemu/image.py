"""Images for the measured boots: Debian's kernel, an initramfs with situs in it, a unified kernel image."""
import gzip
import os
import pathlib
import re
import stat
import subprocess

META = "linux-image-cloud-amd64"
STUB = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub"
BUSYBOX = "/bin/busybox"
TCTI = "libtss2-tcti-device.so.0"  # opened by its name, so no dependency that ldd shows


class Missing(Exception):
    """What these tests cannot be run without is not here."""


def output(*argv, **more):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more).stdout


def kernel(cache):
    """The path of a Debian kernel, downloaded once and not installed."""
    for name in sorted(os.listdir(cache)):
        if name.startswith("vmlinuz-"):
            return os.path.join(cache, name)
    try:
        depends = output("apt-cache", "depends", META).decode()
        package = re.search(r"Depends: (linux-image-[0-9]\S*)", depends).group(1)
        output("apt-get", "download", "-qq", package, cwd=cache)
        [archive] = [f for f in os.listdir(cache) if f.startswith(package + "_")]
        release = "vmlinuz-" + package[len("linux-image-"):]
        tree = output("dpkg-deb", "--fsys-tarfile", archive, cwd=cache)
        image = output("tar", "-xO", "./boot/" + release, input=tree)
    except (AttributeError, OSError, ValueError, subprocess.CalledProcessError) as error:
        raise Missing(f"no kernel: apt does not give {META} ({error}); try apt-get update") from None
    os.remove(os.path.join(cache, archive))
    path = os.path.join(cache, release)
    with open(path + ".part", "wb") as f:
        f.write(image)
    os.rename(path + ".part", path)
    return path


def libraries(*programs):
    """The programs' libraries as the loader finds them, the loader among them."""
    found = [p for program in programs for p in re.findall(r"(/\S+) \(0x", output("ldd", program).decode())]
    [tcti] = {os.path.join(os.path.dirname(p), TCTI) for p in found if "libtss2-esys" in p}
    return sorted({*found, tcti})


def entry(name, mode, data):
    """One file of a cpio archive, "newc" (Linux,
    Documentation/driver-api/early-userspace/buffer-format.rst)."""
    name = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def initrd(path, files):
    """Writes an initramfs with these files, {name in the guest: path here}."""
    folders = {str(folder) for name in files for folder in pathlib.PurePath(name).parents} - {"."}
    archive = [entry(name, stat.S_IFDIR | 0o755, b"") for name in sorted(folders)]
    for name, source in sorted(files.items()):
        with open(source, "rb") as f:
            archive.append(entry(name, stat.S_IFREG | 0o755, f.read()))
    archive.append(entry("TRAILER!!!", 0, b""))
    with open(path, "wb") as f:
        f.write(gzip.compress(b"".join(archive), 1, mtime=0))
    return path


def uki(path, sections):
    """Writes a unified kernel image: systemd's stub and these sections, {name: path}, which it measures."""
    places = {".osrel": 0x20000, ".cmdline": 0x30000, ".linux": 0x2000000, ".initrd": 0x3000000}
    arguments = []
    for name, source in sections.items():
        arguments += ["--add-section", f"{name}={source}",
                      "--change-section-vma", f"{name}={places[name]:#x}"]
    output("objcopy", *arguments, STUB, path)
    return path
