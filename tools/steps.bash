# Shared by ./run, ./test, ./bench and ./fuzz: shown steps, packages, node, stamps. Sourced from the
# repository's root with `set -euo pipefail`; the need_ functions also return their failure by
# themselves, because `need_x || ...` switches -e off inside.

state=var/state # stamps and logs; deleting it only costs time
mkdir -p "$state"

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# step TEXT COMMAND...: runs it with its output in a log, shows that time passes, and shows what the
# log says when it fails.
step() {
    local text=$1 log begin pid seconds tick=5 status=0
    shift
    log=$state/$(printf '%s' "$text" | tr -cs 'a-zA-Z0-9' -).log
    begin=$SECONDS
    "$@" >"$log" 2>&1 &
    pid=$!
    trap 'kill "$pid" 2>/dev/null || true; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        seconds=$((SECONDS - begin))
        if [ -t 1 ] && [ "$seconds" -gt 0 ]; then
            printf '\r%s ... %d s' "$text" "$seconds"
        elif [ "$seconds" -ge "$tick" ]; then
            say "$text ... $seconds s"
            tick=$((tick * 2))
        fi
    done
    wait "$pid" || status=$?
    trap - INT TERM
    [ -t 1 ] && printf '\r'
    if [ "$status" -ne 0 ]; then
        say "$text: failed after $((SECONDS - begin)) s; from $log:"
        # A compiler's errors stand anywhere, other programs say at the end why they failed.
        grep -aE ': error: |undefined reference|ERROR:' "$log" | head -n 40 ||
            tail -n 40 "$log"
        return "$status"
    fi
    say "$text: $((SECONDS - begin)) s"
}

# digest PATH...: one hash over the names and contents of all files under the paths.
digest() {
    find "$@" \( -name node_modules -o -name dist -o -name __pycache__ \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# is_fresh NAME DIGEST: whether the step NAME was last finished for this digest.
is_fresh() { [ "$(cat "$state/$1.stamp" 2>/dev/null)" = "$2" ]; }
mark_fresh() { printf '%s\n' "$2" >"$state/$1.stamp"; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        return 127
    fi
}

# need_packages [test]: installs what is missing of tools/packages.
need_packages() {
    local wanted missing
    wanted=$(awk -v all="${1:-}" '!/^#/ && NF && (NF == 1 || all != "") { print $1 }' tools/packages)
    # shellcheck disable=SC2086
    missing=$(comm -23 <(sort -u <<<"$wanted") <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
        $wanted 2>/dev/null | awk '$1 == "installed" { print $2 }' | sort))
    # A node that is not Debian's brings its own npm.
    if command -v node >/dev/null && command -v npm >/dev/null; then
        missing=$(grep -vxE 'nodejs|npm' <<<"$missing" || true)
    fi
    [ -n "$missing" ] || return 0
    missing=$(tr '\n' ' ' <<<"$missing")
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "Please install as root: apt-get install $missing"
        sudo -v || die "Please install as root: apt-get install $missing"
    fi
    step "package lists" as_root apt-get update -q
    # shellcheck disable=SC2086
    step "packages ($(wc -w <<<"$missing"))" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends $missing
}

node_is_new() { node -e 'const [a, b] = process.versions.node.split(".").map(Number);
    process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }

# need_node: puts a node >= 20.19 into PATH; Debian 12 has 18, npm's node package a newer one.
need_node() {
    node_is_new && return 0
    local folder=$PWD/build-node wanted
    wanted=$(digest tools/node)
    if ! is_fresh node "$wanted"; then
        mkdir -p "$folder"
        cp tools/node/package.json tools/node/package-lock.json "$folder"
        step "a newer node" npm ci --prefix "$folder" --no-audit --no-fund || return
        mark_fresh node "$wanted"
    fi
    PATH=$(echo "$folder"/node_modules/node-linux-*/bin):$folder/node_modules/.bin:$PATH
    export PATH
    node_is_new || die "node is older than 20.19 and no newer one could be installed"
}

# need_modules FOLDER: npm ci where the lock file has changed since the last one.
need_modules() {
    local name wanted
    name=modules-$(tr / - <<<"$1")
    wanted=$(cat "$1/package.json" "$1/package-lock.json" | sha256sum | cut -d' ' -f1)
    if ! is_fresh "$name" "$wanted" || ! [ -d "$1/node_modules" ]; then
        step "node modules of $1" npm ci --prefix "$1" --no-audit --no-fund || return
        mark_fresh "$name" "$wanted"
    fi
}

# need_web: the pages in web/dist.
need_web() {
    local wanted
    wanted=$(digest web)
    if ! is_fresh web "$wanted" || ! [ -d web/dist ]; then
        need_node || return
        need_modules web || return
        step "pages" npm run build --prefix web || return
        mark_fresh web "$wanted"
    fi
}

need_build_folder() {
    [ -f build/build.ninja ] || step "build folder" meson setup build --buildtype=release
}

# need_program: the release build in build/. Same folder as the tests' gcc build.
need_program() {
    local wanted programs
    wanted=$(digest src meson.build meson_options.txt)
    if ! is_fresh program "$wanted" || ! [ -x build/src/main/anwang ]; then
        need_build_folder || return
        ninja -C build --quiet build.ninja >/dev/null
        programs=$(ninja -C build -t targets all | sed -n 's/^\(src\/main\/[a-z-]*\): .*LINKER.*/\1/p')
        # shellcheck disable=SC2086
        step "program" ninja -C build $programs || return
        mark_fresh program "$wanted"
    fi
}

# need_asan_folder: the build folder of clang with sanitizers and libFuzzer.
need_asan_folder() {
    [ -f build-asan/build.ninja ] || step "sanitizer build folder" env CC=clang-14 meson setup \
        build-asan -Dfuzzing=true -Db_sanitize=address,undefined -Db_lundef=false
}

need_tsan_folder() {
    [ -f build-tsan/build.ninja ] || step "thread sanitizer build folder" env CC=clang-14 \
        meson setup build-tsan -Db_sanitize=thread -Db_lundef=false
}
