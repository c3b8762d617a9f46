# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Makes what a boot needs from Debian packages: hypervisor, kernel, dom0 root
# image, first-stage initramfs, guests. Each artefact is kept under $build with
# a stamp of what it was made from, and made again only when the stamp differs.

host_packages=(qemu-system-x86 mmdebstrap busybox-static cpio e2fsprogs kmod
    zstd libxen-dev gcc make)

# Modules dom0 loads; their dependencies follow by modprobe --show-depends.
dom0_modules=(xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs xen-blkback
    xen-netback loop tun bridge)
stage1_modules=(virtio_pci virtio_blk crc32c_generic ext4)

need_host_packages() {
    local missing=() p
    for p in "${host_packages[@]}"; do
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$p")
    done
    [ ${#missing[@]} -eq 0 ] && return
    [ "$(id -u)" -eq 0 ] || die "install first: apt-get install ${missing[*]}"
    say "installing for the Xen tests: ${missing[*]}"
    step host-packages 900 sh -c 'apt-get update && apt-get install -y --no-install-recommends "$@"' \
        sh "${missing[@]}"
}

# The Debian archives this host already uses, as one-line sources.
host_sources() {
    apt-get indextargets --format \
        'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(CODENAME) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' 'Architecture: amd64' | sort -u
}

packages_of() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$1"; }

# fresh FILE INPUT... : is FILE there and made from these inputs?
# The stamp covers the inputs' content, not their times, so that a fresh clone
# may reuse a build folder.
stamp_of() { sha256sum "$@" | cut -d' ' -f1 | sha256sum | cut -d' ' -f1; }
fresh() {
    local out=$1
    shift
    [ -e "$out" ] && [ "$(cat "$out.stamp" 2>/dev/null)" = "$(stamp_of "$@")" ]
}
stamp() {
    local out=$1
    shift
    stamp_of "$@" >"$out.stamp"
}

build_root_tree() {
    local list=$here/dom0/packages
    fresh "$build/root" "$list" && return
    [ "$(id -u)" -eq 0 ] || die "making the dom0 root needs root"
    rm -rf "$build/root" "$build/root.img.stamp"
    host_sources >"$build/sources.list"
    [ -s "$build/sources.list" ] || die "apt knows no Debian archive here (apt-get update?)"
    step dom0-root 1200 mmdebstrap --mode=root --variant=essential \
        --include="$(packages_of "$list" | paste -sd,)" \
        --aptopt='Apt::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        bookworm "$build/root" "$build/sources.list"
    stamp "$build/root" "$list"
}

# The hypervisor and the kernel are unpacked, not installed: their maintainer
# scripts would make an initramfs and boot-loader entries nobody uses here.
unpack_package() {
    local name=$1 dir=$2
    [ -e "$dir/done" ] && return
    rm -rf "$dir"
    mkdir -p "$dir/deb" "$dir/tree"
    chmod 755 "$dir/deb"
    step "download-$name" 600 sh -c 'cd "$1" && apt-get -o APT::Sandbox::User=root download "$2"' \
        sh "$dir/deb" "$name"
    step "unpack-$name" 120 dpkg-deb -x "$dir"/deb/*.deb "$dir/tree"
    dpkg-deb -W --showformat='${Package} ${Version}\n' "$dir"/deb/*.deb >"$dir/done"
    rm -rf "$dir/deb"
}

build_boot_files() {
    local kernel
    kernel=$(apt-cache depends linux-image-amd64 |
        sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    [ -n "$kernel" ] || die "apt does not know linux-image-amd64"
    # A build folder keeps the kernel it was made with: a new one in the
    # archive is taken up by the next build from nothing.
    [ -e "$build/kernel/done" ] || unpack_package "$kernel" "$build/kernel"
    unpack_package xen-hypervisor-4.17-amd64 "$build/xen"
    kver=$(cd "$build/kernel/tree/lib/modules" && echo *)
    [ -e "$build/vmlinuz" ] || cp "$build/kernel/tree/boot/vmlinuz-$kver" "$build/vmlinuz"
    # QEMU's multiboot loader wants the ELF file inside the .gz.
    [ -e "$build/xen.elf" ] || gunzip -c "$build/xen/tree/boot/xen-4.17-amd64.gz" >"$build/xen.elf"
    [ -e "$build/kernel/tree/lib/modules/$kver/modules.dep" ] ||
        step depmod 120 depmod -b "$build/kernel/tree" "$kver"
}

# Files of the given modules in load order.
module_files() {
    local m
    for m in "$@"; do
        modprobe -d "$build/kernel/tree" -S "$kver" --show-depends "$m" |
            sed -n 's/^insmod \([^ ]*\).*/\1/p'
    done | awk '!seen[$0]++'
}

build_root_image() {
    local modules=$build/root/lib/modules/$kver file dir
    fresh "$build/root.img" "$build/root.stamp" "$build/kernel/done" "$here/lib/build.sh" && return
    rm -rf "$build/root/lib/modules"
    mkdir -p "$modules" "$build/root"/{in,out,guests,opt/xenvet}
    while read -r file; do
        dir=$modules/$(dirname "${file#*"/lib/modules/$kver/"}")
        mkdir -p "$dir"
        cp "$file" "$dir/"
    done < <(module_files "${dom0_modules[@]}")
    cp "$build/kernel/tree/lib/modules/$kver"/modules.{builtin,builtin.modinfo,order} "$modules/"
    depmod -b "$build/root" "$kver"
    rm -f "$build/root.img"
    step root-image 300 mke2fs -q -t ext4 -d "$build/root" -O ^has_journal \
        -E lazy_itable_init=1 "$build/root.img" 1500M
    stamp "$build/root.img" "$build/root.stamp" "$build/kernel/done" "$here/lib/build.sh"
}

pack_initramfs() { # DIR FILE
    (cd "$1" && find . -print0 | sort -z | cpio --null -o -H newc --quiet --reproducible) >"$2"
}

build_stage1() {
    local dir=$build/stage1 file
    fresh "$build/stage1.img" "$here/dom0/stage1" "$here/lib/build.sh" "$build/kernel/done" && return
    rm -rf "$dir"
    mkdir -p "$dir"/{bin,proc,sys,dev,root,modules}
    cp /bin/busybox "$dir/bin/"
    install -m 755 "$here/dom0/stage1" "$dir/init"
    while read -r file; do
        cp "$file" "$dir/modules/"
        basename "$file"
    done < <(module_files "${stage1_modules[@]}") >"$dir/modules/order"
    pack_initramfs "$dir" "$build/stage1.img"
    stamp "$build/stage1.img" "$here/dom0/stage1" "$here/lib/build.sh" "$build/kernel/done"
}

build_guests() {
    local dir=$build/linux-guest
    mkdir -p "$build/guests"
    step tiny-guest 120 make -C "$here/guest" OUT="$build/guests"
    step dom0-pages 60 gcc -std=gnu11 -O2 -Wall -Wextra -o "$build/guests/pages" \
        "$here/dom0/pages.c" -lxenforeignmemory
    cmp -s "$build/vmlinuz" "$build/guests/vmlinuz" || cp "$build/vmlinuz" "$build/guests/vmlinuz"
    fresh "$build/guests/initrd" "$here/linux-guest/init" && return
    rm -rf "$dir"
    mkdir -p "$dir"/{bin,proc,sys,dev}
    cp /bin/busybox "$dir/bin/"
    install -m 755 "$here/linux-guest/init" "$dir/init"
    pack_initramfs "$dir" "$dir.cpio"
    gzip -9n <"$dir.cpio" >"$build/guests/initrd"
    rm -f "$dir.cpio"
    stamp "$build/guests/initrd" "$here/linux-guest/init"
}

# What the results depend on, by name and version.
list_packages() {
    {
        echo "# dom0"
        dpkg-query --admindir="$build/root/var/lib/dpkg" -W
        echo "# unpacked"
        cat "$build/kernel/done" "$build/xen/done"
        echo "# host"
        dpkg-query -W "${host_packages[@]}"
    } | tr '\t' ' ' >"$build/packages.txt"
}

build_all() {
    local begin=$SECONDS
    # A machine that was just made has no lists of packages.
    apt-cache show linux-image-amd64 >/dev/null 2>&1 || step apt-update 300 apt-get update
    mkdir -p "$build"
    # One builder at a time: two would write the same tree.
    exec 9>"$build/lock"
    flock -w 1800 9 || die "another build holds $build/lock"
    need_host_packages
    build_root_tree
    build_boot_files
    build_root_image
    build_stage1
    build_guests
    list_packages
    exec 9>&-
    say "build: $((SECONDS - begin)) s, packages listed in $build/packages.txt"
}
