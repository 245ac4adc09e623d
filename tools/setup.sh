# Sourced by demo and test: what has to be installed, and how a preset is built.

# What building teff and its tests takes, as packages of Debian 12.
build_packages=(cmake ninja-build g++ pkg-config libfmt-dev libpng-dev libjpeg-dev zlib1g-dev libgtest-dev libgmock-dev)

# What emitted C is held to besides: the compilers and emulators of boards. Tests say so where they are missing.
board_packages=(gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gcc-riscv64-unknown-elf qemu-system-misc)

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# need PACKAGE...: installs those that are missing; false, having said why, where that cannot be done.
need() {
  command -v dpkg-query >/dev/null || { echo "no dpkg here: taking for granted that there are $*" >&2; return 0; }
  local missing sudo=()
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "missing: ${missing[*]} (install them as root; there is no sudo here)" >&2; return 1; }
    sudo=(sudo)
  fi
  echo "installing ${missing[*]}" >&2
  # Package lists may be absent (a fresh container), or old and offline: only the installation itself decides.
  "${sudo[@]}" apt-get -qq update >&2 || true
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null ||
    { echo "these could not be installed: ${missing[*]}" >&2; return 1; }
}

# build PRESET [TARGET...]: configures and builds into build/PRESET.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" >/dev/null && cmake --build "build/$preset" -- "$@"
}
