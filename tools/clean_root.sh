#!/bin/bash
# The commands of README.md as a stranger runs them, each time in a new Debian root (debootstrap; main, updates
# and security of the mirror that this machine's apt has) with a clean clone of HEAD in it:
#   clean_root.sh DIR SUITE bare      only makes the bare root, DIR/SUITE, which the others copy where it is
#   clean_root.sh DIR SUITE root      as root: make demo, then make test, then make deb; the packages are installed, used and
#                                     removed, and their timer and service run in the root when systemd has booted it
#                                     (systemd-nspawn)
#   clean_root.sh DIR SUITE user      as a user who may use sudo: make test, then make demo
#   clean_root.sh DIR SUITE suite     as root: the test suite without demo; openssl_matrix.sh
#   clean_root.sh DIR SUITE arm64     as root: arm64.sh
# SUITE is bookworm, trixie, ... Outside, nothing of a root is mounted ever: all mounts and processes are in
# namespaces of their own and end with them. Only root of the machine can do this.
set -euo pipefail
cd "$(dirname "$0")/.."
case $#-${3:-} in 3-bare | 3-root | 3-user | 3-suite | 3-arm64) ;; *) sed -n '2,13s/^# *//p' "$0" >&2; exit 1 ;; esac
mkdir -p "$1"
dir=$(cd "$1" && pwd) suite=$2 how=$3
root=$dir/$suite-$how
base=$dir/$suite

die() {
    echo "clean_root: $*" >&2
    exit 1
}
[ "$(id -u)" = 0 ] || die 'not root'
[ -c /dev/fuse ] || modprobe fuse || die 'no /dev/fuse'
[ "$how" != root ] || command -v systemd-nspawn >/dev/null || die 'no systemd-nspawn: install systemd-container'

exec 9>"$root.lock"
flock -n 9 || die "another run is in $root"

# remove FOLDER: never one in which anything is mounted.
remove() {
    if cut -d' ' -f5 /proc/self/mountinfo | grep -qF "$1"; then
        die "mounts in $1 are left: not removed"
    fi
    rm -rf --one-file-system "$1"
}
# alone COMMAND...: in namespaces of its own. Whatever happens, its processes end with the first of them, the
# mounts (debootstrap makes some, too) with the last; none is ever seen outside.
inside=
alone() {
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child=KILL "$@" </dev/null &
    inside=$!
    local status=0
    wait "$inside" || status=$?
    inside=
    return $status
}
finish() {
    [ -z "$inside" ] || kill -KILL "$inside" 2>/dev/null || true
    wait
    remove "$root"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# mirror LABEL: where this machine's apt has Debian (or Debian-Security) from.
mirror() {
    apt-get indextargets --format '$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        sed -n "s/^Debian $1 main //p" | head -n 1
}

make_base() {
    { command -v debootstrap >/dev/null && [ -n "$(mirror Debian)" ]; } || apt-get update -qq
    command -v debootstrap >/dev/null ||
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends debootstrap
    local main security more=git,make,sudo script=
    main=$(mirror Debian) security=$(mirror Debian-Security)
    if [ -z "$main" ] || [ -z "$security" ]; then die 'apt of this machine names no mirror of Debian'; fi
    case $main$security in *https:*) more=$more,ca-certificates ;; esac
    [ -f "/usr/share/debootstrap/scripts/$suite" ] || script=/usr/share/debootstrap/scripts/sid
    remove "$base"
    remove "$base.new"
    alone debootstrap --variant=minbase --include="$more" "$suite" "$base.new" "$main" $script
    cat >"$base.new/etc/apt/sources.list" <<END
deb $main $suite main
deb $main $suite-updates main
deb $security $suite-security main
END
    apt-config dump | grep -E '^Acquire::https?::Proxy' >"$base.new/etc/apt/apt.conf.d/00proxy" || true
    rm -f "$base.new/etc/resolv.conf" "$base.new"/var/cache/apt/archives/*.deb
    cp /etc/resolv.conf /etc/hosts "$base.new/etc/"
    ln -sf ../proc/self/mounts "$base.new/etc/mtab"
    printf '#!/bin/sh\nexit 101\n' >"$base.new/usr/sbin/policy-rc.d" # no services
    chmod +x "$base.new/usr/sbin/policy-rc.d"
    echo force-unsafe-io >"$base.new/etc/dpkg/dpkg.cfg.d/quick"
    enter "$base.new" 'export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq && apt-get -qq -y dist-upgrade && apt-get clean'
    mv "$base.new" "$base"
}

# In namespaces of its own: what a booted machine has under /proc, /sys and /dev; then the command.
prepare='
set -eu
root=$1
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty fuse; do
    : >"$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
    chroot "$root" /bin/sh -euc "$2"
'
enter() { # enter ROOT COMMAND
    alone sh -c "$prepare" sh "$1" "$2"
}

# told COMMAND in the tree; its last line is what counts.
told() {
    local from=$SECONDS
    if ! enter "$root" "$1" >"$root.log" 2>&1; then
        cat "$root.log"
        die "$suite, $how: failed: $1"
    fi
    summary="$summary$2: $(tail -n 1 "$root.log") ($((SECONDS - from)) s); "
}

# The groups in which systemd-nspawn kept the processes that it ran; those of others are not empty.
forget_groups() {
    local own
    own=$(sed -n 's/^0:://p' /proc/self/cgroup)
    find /sys/fs/cgroup/{,systemd,unified}"$own"/{payload,supervisor} -depth -type d -exec rmdir {} + 2>/dev/null || true
}
# booted COMMAND NAME: as told, in the root booted by its systemd; what systemd-nspawn writes into /run is its own.
booted() {
    local from=$SECONDS
    printf '[Service]\nType=oneshot\nExecStart=/booted\n' >"$root/etc/systemd/system/booted.service"
    printf '#!/bin/sh\n(%s) >/booted.log 2>&1\necho $? >/booted.status\nsystemctl --no-block poweroff\n' "$1" >"$root/booted"
    chmod +x "$root/booted"
    alone sh -c 'mount -t proc proc /proc && mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd &&
        exec timeout 300 systemd-nspawn --quiet --keep-unit --register=no -D "$0" -b systemd.unit=booted.service' \
        "$root" >"$root.log" 2>&1 || true
    forget_groups
    if [ "$(cat "$root/booted.status" 2>/dev/null)" != 0 ]; then
        cat "$root.log" "$root/booted.log" || true
        die "$suite, $how: failed in a booted system: $1"
    fi
    summary="$summary$2: $(tail -n 1 "$root/booted.log") ($((SECONDS - from)) s); "
}

[ -d "$base" ] || make_base
[ "$how" != bare ] || exit 0
remove "$root"
cp -a "$base" "$root"
summary=
tree=/srv/situs
git clone -q --depth 1 "file://$PWD" "$root$tree"
case $how in
root)
    told "cd $tree && make demo" 'make demo'
    told "cd $tree && make test" 'make test'
    told "cd $tree && make deb && apt-get install -qq -y --no-install-recommends systemd >/dev/null &&
        tests/install/packages.sh build-dist build" 'make deb'
    booted "cd $tree && tests/install/timer.sh build-dist build" 'its timer'
    booted "cd $tree && tests/install/serve_unit.sh build-dist build" 'its service'
    ;;
user)
    enter "$root" "useradd -m -s /bin/sh stranger
        echo 'stranger ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/stranger
        chown -R stranger: $tree"
    told "su - stranger -c 'cd $tree && make test'" 'make test'
    told "su - stranger -c 'cd $tree && make demo'" 'make demo'
    ;;
suite)
    told "cd $tree && tools/install-packages.sh build test lab && tools/run_tests.sh" 'the test suite'
    told "cd $tree && tools/openssl_matrix.sh build-test" 'every OpenSSL'
    ;;
arm64) told "cd $tree && tools/arm64.sh build-arm64" 'unit tests in C' ;;
esac
rm -f "$root.log"
echo "$suite, $how: ${summary%; }"
