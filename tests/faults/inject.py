#!/usr/bin/env python3
"""Fails every call of every program, one at a time, and looks at what is left.

    inject.py --bin build/release/bin --shim build/release/faults.so --run RESULTS/whole --commands FILE --scratch DIR
              [--limit K] [--one-way] [--sample N] [--moments N] [--seed S] [--only REGEX] [--kinds LIST] [--jobs N] [--results FILE.tsv]

A program's command line comes from `make -n` of the pipelines (--commands), so a new stage is tested as soon as a
pipeline runs it; tools that no pipeline runs stand in tools() below; a program that is in neither fails the test.

For each program, kind of call and k = 1, 2, ... (up to --limit) shim.c makes the k-th call fail in every way of FAULTS;
--one-way: in one of them, drawn by --seed; --sample N: N of all these, drawn too.  --moments N: besides, each program is killed N times at a random moment.  Then
    the program ends with a status that is not 0 and a message of its own that names the cause,
        or with status 0 and the right bytes;
    each output is the file that was there before, untouched, or the right one;
    no temporary file is left (after SIGKILL: none after the next run);
    run again without a fault, it gives the right bytes.
Allocations count when the program's own code asks ("malloc"; libhdf5 is in the program, but not of it).  Those that libraries ask for are "malloc-all": HDF5
crashes on some of them, so there the bar is no half file, the old file whole, and no status 0 with wrong bytes."""
import argparse, concurrent.futures, functools, mmap, os, random, re, shlex, shutil, signal, struct, subprocess, sys, threading, time

KINDS = ["open", "read", "write", "fsync", "rename", "close", "mkdir", "unlink", "mmap", "pthread_create", "malloc", "flock", "fork"]
STATE = 16 * 8 + 8 + 512
KILLS = ("KILL", "TORN")
FAULTS = [  # kind, how, sticky
    ("open", "EIO", 0), ("open", "EMFILE", 0), ("open", "ENOSPC", 0), ("open", "EINTR", 0), ("open", "KILL", 0),
    ("read", "EIO", 0), ("read", "EINTR", 0), ("read", "SHORT", 0),
    ("write", "ENOSPC", 1), ("write", "EIO", 0), ("write", "EDQUOT", 0), ("write", "EINTR", 0), ("write", "SHORT", 0),
    ("write", "KILL", 0), ("write", "TORN", 0),
    ("fsync", "EIO", 0), ("fsync", "ENOSPC", 0), ("fsync", "KILL", 0),
    ("rename", "EIO", 0), ("rename", "ENOSPC", 0), ("rename", "KILL", 0),
    ("close", "EIO", 0), ("close", "KILL", 0),
    ("mkdir", "ENOSPC", 0), ("unlink", "EIO", 0), ("unlink", "KILL", 0),
    ("mmap", "ENOMEM", 0), ("pthread_create", "EAGAIN", 0), ("pthread_create", "EAGAIN", 1),
    ("malloc", "ENOMEM", 0), ("malloc", "ENOMEM", 1), ("malloc-all", "ENOMEM", 0),
    ("flock", "ENOLCK", 0), ("fork", "EAGAIN", 0),
]
MOMENT = ("moment", "KILL", 0)       # SIGKILL by the clock
CAUSE = {  # what a message says of it
    "EIO": r"Input/output error", "ENOSPC": r"disk is full|No space left", "EDQUOT": r"disk is full|quota",
    "EINTR": r"Interrupted", "EMFILE": r"Too many open files", "ENOMEM": r"memory", "EAGAIN": r"temporarily unavailable",
    "ENOLCK": r"lock", "SHORT": r".",
}
OUTPUT = re.compile(r"--(out|log|stamp|.*-out)$")


class Program:
    """A command line: argv with {R} for the finished run and {W} for the folder that this run writes to."""
    def __init__(self, name, argv, outputs):
        self.name, self.argv, self.outputs = name, argv, outputs
        self.program = os.path.basename(argv[0])


def from_commands(path, probe, binaries):
    """One program per verb and set of options of `make -n`; the paths of the run that is not there become {R} or {W}."""
    seen, programs = set(), []
    for line in open(path):
        words = shlex.split(line) if "nas-run " in line else []
        if not words:
            continue
        words = words[words.index(next(w for w in words if w.endswith("nas-run"))) + 1:]
        argv, outputs = [os.path.join(binaries, os.path.basename(words[0]))], []
        option = ""
        for value in words[1:]:
            if value.startswith("--"):
                option = value
            elif value.startswith(probe) and OUTPUT.match(option):
                outputs += [] if option == "--log" else [value[len(probe) + 1:]]
                value = "{W}" + value[len(probe):]
            elif value.startswith(probe):
                value = "{R}" + value[len(probe):]
            argv.append(value)
        key = (argv[0],) + tuple(sorted({a for a in argv if a.startswith("--")}))
        if key not in seen:
            seen.add(key)
            name = os.path.basename(argv[0])[4:]
            same = sum(p.name.split(".")[0] == name for p in programs)
            programs.append(Program(name + (".%d" % (same + 1) if same else ""), argv, outputs))
    return programs


def tools(binaries, programs, images, scratch):
    """Programs that no pipeline runs, and ways to run a stage that the built-in images do not show."""
    b = lambda name: os.path.join(binaries, "nas-" + name)
    plan = os.path.join(scratch, "plan")
    with open(plan, "w") as f:
        for p in {p.program: p for p in programs}.values():
            if p.outputs and p.outputs[0].endswith(".h5") and not any(re.match("--.*-out$", a) for a in p.argv):
                argv = [a.replace("{W}", "{R}") for a in p.argv]
                f.write("{R}/%s\t%s\t%s\n" % (p.outputs[0], " ".join(v for v in argv[1:] if v.startswith("{R}") and
                        not v.endswith(p.outputs[0])), shlex.join(argv)))
    space = next((p for p in programs if p.name == "space"), None)
    history = next(name for p in programs for name in p.outputs if name.endswith("history.h5"))
    more = [
        Program("lock", [b("lock"), "{W}/locked", "--", "/bin/true"], []),
        Program("inspect", [b("inspect"), "{R}/" + history], []),
        Program("stale", [b("stale"), plan], []),
        Program("stale.status", [b("stale"), plan, "--status"], []),
        Program("stale.verify", [b("stale"), plan, "--verify"], []),
        Program("ingest.tiff", [b("ingest"), "--data", images, "--out", "{W}/dataset.h5", "--labels-out", "{W}/labels.h5",
                                "--stamp", "{W}/ingest.stamp", "--threads", "2"], ["dataset.h5", "labels.h5", "ingest.stamp"]),
    ]
    if space:
        more.append(Program("run", [b("run")] + space.argv, space.outputs))
    return more


@functools.lru_cache(None)
def alien(path):
    """FROM-TO: where libhdf5's code is in a program that was linked with its archive; "" where it is a library apart."""
    code = []
    for line in subprocess.run(["nm", "-S", path], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in "tT" and re.match(r"H5\w*$", words[3]):
            code.append((int(words[0], 16), int(words[0], 16) + int(words[1], 16)))
    return "%x-%x" % (min(code)[0], max(code)[1]) if code else ""


class Case:
    """One worker's folders and what a program does without faults."""
    def __init__(self, o, program, folder):
        self.o, self.p, self.folder = o, program, folder
        self.state = os.path.join(folder, "state")
        self.w = os.path.join(folder, "w")
        os.makedirs(folder, exist_ok=True)
        with open(self.state, "wb") as f:
            f.write(bytes(STATE))
        self.fd = os.open(self.state, os.O_RDWR)
        self.map = mmap.mmap(self.fd, STATE)
        self.seconds = 0                 # that a run takes
        self.alien = alien(program.argv[0])
        self.argv = [self.path(a) for a in program.argv]
        if program.name.startswith("stale"):     # its plan names files of the run
            plan = os.path.join(folder, "plan")
            with open(program.argv[1]) as i, open(plan, "w") as f:
                f.write(self.path(i.read()))
            self.argv[1] = plan

    def path(self, text):
        return text.replace("{R}", self.o.run).replace("{W}", self.w)

    def run(self, kind="", how="", k=0, sticky=0):
        self.map[:] = bytes(STATE)
        env = dict(os.environ, LD_PRELOAD=self.o.shim, FAULT_PROGRAM=self.p.program, FAULT_STATE=self.state, FAULT_NOSYNC="1",
                   FAULT_ALIEN=self.alien, LC_ALL="C.UTF-8")
        if kind == "malloc-all":
            env["FAULT_CALLERS"] = "all"
        if k and kind != MOMENT[0]:
            env.update(FAULT_CALL=kind.split("-")[0], FAULT_HOW=how, FAULT_AT=str(k))
        if sticky:
            env["FAULT_STICKY"] = "1"
        if kind == MOMENT[0]:
            return self.run_until(k / 1e6 * self.seconds, env)
        try:
            done = subprocess.run(self.argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=self.o.timeout,
                                  close_fds=False)
        except subprocess.TimeoutExpired:
            return None, b"", b"timed out"
        return done.returncode, done.stdout.replace(self.folder.encode(), b"@"), done.stderr

    def run_until(self, seconds, env):
        """SIGKILL after so long."""
        with subprocess.Popen(self.argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              close_fds=False, start_new_session=True) as child:
            time.sleep(seconds)
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            return child.wait(), b"", b""

    def close(self):
        self.map.close()
        os.close(self.fd)

    def counts(self):
        return dict(zip(KINDS, struct.unpack("16q", self.map[:128])))

    def fired(self):
        return struct.unpack("q", self.map[128:136])[0], self.map[136:].split(b"\0")[0].decode(errors="replace")

    def prepare(self):
        """The folder as it is before a run: each output is an older good file."""
        shutil.rmtree(self.w, ignore_errors=True)
        for name in self.p.outputs:
            os.makedirs(os.path.dirname(os.path.join(self.w, name)), exist_ok=True)
            if "." in os.path.basename(name):    # else a folder of a report
                with open(os.path.join(self.w, name), "wb") as f:
                    f.write(b"the file of an older run, whole\n")

    def tree(self):
        """{path: bytes} of what the last run left; logs grow and do not count."""
        found = {}
        for folder, _, names in os.walk(self.w):
            for name in names:
                path = os.path.join(folder, name)
                if not path.endswith(".log"):
                    with open(path, "rb") as f:     # a report tells where it lies
                        found[os.path.relpath(path, self.w)] = f.read().replace(self.folder.encode(), b"@")
        return found


def temporary(tree):
    return [name for name in tree if ".tmp." in name]


class Baseline:
    """Two runs without faults: bytes, counts, and which files are never the same (times)."""
    def __init__(self, case):
        runs = []
        for _ in range(2):
            case.prepare()
            begin = time.time()
            status, out, err = case.run("malloc")
            self.seconds = time.time() - begin
            if status != 0:
                sys.exit("%s: status %s without a fault: %s" % (case.p.name, status, err.decode()))
            runs.append((case.tree(), out))
        self.counts = case.counts()
        case.prepare()
        self.before = case.tree()
        case.run("malloc-all")
        self.counts["malloc-all"] = case.counts()["malloc"]
        self.tree, self.stdout = runs[0]
        self.steady = {n for n in self.tree if runs[1][0].get(n) == self.tree[n]}
        self.steady_stdout = runs[1][1] == self.stdout

    def wrong(self, tree):
        """Names of files that are not the right ones."""
        return [n for n in self.tree if n not in tree or (n in self.steady and tree[n] != self.tree[n])] + \
               [n for n in tree if n not in self.tree and not n.endswith(".ckpt")]


def judge(case, base, kind, how, k, sticky):
    """-> (outcome, complaint or None); outcome is right, refused, killed, crashed or unreached."""
    case.prepare()
    case.seconds = base.seconds
    status, out, err = case.run(kind, how, k, sticky)
    fired, where = (1, "by the clock") if kind == MOMENT[0] else case.fired()
    text = err.decode(errors="replace")
    weak = kind == "malloc-all"
    tree = case.tree()
    tag = "%s %s %s%s k=%d (%s): " % (case.p.name, kind, how, "+" if sticky else "", k, where)
    if not fired:
        outcome = "unreached" if status == 0 else None
        return outcome or "refused", None if outcome else tag + "no fault, status %s: %s" % (status, text[-300:])
    complaint, killed = None, status is not None and status < 0
    for name, old in base.before.items():
        if tree.get(name) not in (old, base.tree.get(name)) and not ("report" in name.split("/") or name not in base.steady):
            complaint = "%s is neither the old file nor the right one" % name
    if complaint:
        pass
    elif status is None:
        complaint = "hangs"
    elif killed and how in KILLS and status == -signal.SIGKILL:
        pass
    elif killed and not weak:
        complaint = "ended by signal %d: %s" % (-status, text[-300:])
    elif status == 0:
        wrong = base.wrong({n: b for n, b in tree.items() if n not in temporary(tree)})
        if wrong:
            complaint = "status 0 with wrong %s" % ", ".join(wrong[:3])
        elif base.steady_stdout and out != base.stdout and kind != MOMENT[0]:
            complaint = "status 0 with another output"
    elif not killed and not weak:
        if not re.search(r"^nas-[a-z]+: .", text, re.M):
            complaint = "status %d without a message: %s" % (status, text[-300:])
        elif how in CAUSE and not re.search(CAUSE[how], text + out.decode(errors="replace")):
            complaint = "status %d, the message does not name the cause: %s" % (status, text[-300:])
        elif status not in (64, 65, 66, 70, 74, 75, 78):
            complaint = "status %d: %s" % (status, text[-300:])
    if not complaint and temporary(tree) and not killed:
        complaint = "leaves %s, status %s" % (temporary(tree)[0], status)
    if not complaint and (tree != base.before or k % 16 == 1) and case.p.outputs and status != 0:
        status2, out2, err2 = case.run()
        tree2 = case.tree()
        if status2 != 0:
            complaint = "run again: status %s: %s" % (status2, err2.decode(errors="replace")[-300:])
        elif base.wrong(tree2):
            complaint = "run again: wrong %s" % ", ".join(base.wrong(tree2)[:3])
        elif [n for n in tree2 if n.endswith(".ckpt")]:
            complaint = "run again: a checkpoint is left"
    outcome = "right" if status == 0 else "killed" if how in KILLS else "crashed" if killed else "refused"
    return outcome, tag + complaint if complaint else None


def main():
    a = argparse.ArgumentParser()
    for name in ("bin", "shim", "run", "commands", "probe", "scratch"):
        a.add_argument("--" + name, required=True)
    a.add_argument("--images", default="")
    a.add_argument("--limit", type=int, default=300)
    a.add_argument("--one-way", action="store_true")
    a.add_argument("--sample", type=int, default=0)
    a.add_argument("--moments", type=int, default=0)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--timeout", type=float, default=120)
    a.add_argument("--jobs", type=int, default=os.cpu_count())
    a.add_argument("--only", default="")
    a.add_argument("--kinds", default="")
    a.add_argument("--results")
    o = a.parse_args()
    programs = from_commands(o.commands, o.probe, o.bin)
    programs += tools(o.bin, programs, o.images, o.scratch)
    known = {p.program for p in programs}
    strangers = [n for n in sorted(os.listdir(o.bin)) if n.startswith("nas-") and n not in known]
    if strangers and not o.only:
        sys.exit("no pipeline runs %s, and tools() in inject.py does not know it: give it a command line" % ", ".join(strangers))
    if o.only:
        programs = [p for p in programs if re.fullmatch(o.only, p.name)]

    local, number, lock = threading.local(), iter(range(1 << 30)), threading.Lock()

    def worker_folder():
        if not hasattr(local, "folder"):
            with lock:
                local.folder = os.path.join(o.scratch, "%03d" % next(number))    # names of one length: messages are cut to a width
        return local.folder

    totals, violations, begin = {}, [], time.time()
    print("%-14s %-14s %6s %6s %7s %7s %7s %7s %10s" % ("program", "call", "calls", "runs", "right", "refused", "killed", "crashed",
                                                       "violations"))
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        bases = dict(zip((p.name for p in programs), pool.map(
            lambda p: Baseline(Case(o, p, worker_folder())), programs)))
        plan = {p.name: [(fault, k) for fault in FAULTS if not o.kinds or fault[0] in o.kinds.split(",")
                         for k in range(1, min(bases[p.name].counts[fault[0]], o.limit) + 1)] for p in programs}
        draw = random.Random(o.seed)
        if o.one_way:
            for name, jobs in plan.items():
                ways = {}
                for fault, k in jobs:
                    ways.setdefault((fault[0], k), []).append(fault)
                plan[name] = [(draw.choice(faults), k) for (_, k), faults in ways.items()]
        if o.sample:                 # every kind of call of every program, then the rest at random
            everything = [(name, job) for name, jobs in plan.items() for job in jobs]
            draw.shuffle(everything)
            seen, first, rest = set(), [], []
            for name, job in everything:
                key = (name, job[0][0])
                (rest if key in seen else first).append((name, job))
                seen.add(key)
            plan = {p.name: [] for p in programs}
            for name, job in (first + rest)[:o.sample]:
                plan[name].append(job)
        for p in programs:           # at moment k / 1e6 of the time that it takes
            plan[p.name] += [(MOMENT, draw.randrange(1000000)) for _ in range(o.moments)]
        for p in programs:
            base = bases[p.name]

            def one(fault, k, p=p, base=base):
                kind, how, sticky = fault
                case = Case(o, p, worker_folder())
                try:
                    return kind, how, judge(case, base, kind, how, k, sticky)
                finally:
                    case.close()

            table = {}
            for job in [pool.submit(one, fault, k) for fault, k in plan[p.name]]:
                kind, how, (outcome, complaint) = job.result()
                row = table.setdefault(kind, dict.fromkeys(("runs", "right", "refused", "killed", "crashed", "unreached", "bad"), 0))
                row["runs"] += 1
                row[outcome] += 1
                total = totals.setdefault((kind, how), [0, 0])
                total[0] += 1
                if complaint:
                    row["bad"] += 1
                    total[1] += 1
                    violations.append(complaint)
                    print("VIOLATION " + complaint, flush=True)
            for kind, row in table.items():
                print("%-14s %-14s %6d %6d %7d %7d %7d %7d %10d" % (p.name, kind, base.counts.get(kind, 0), row["runs"],
                      row["right"], row["refused"], row["killed"], row["crashed"], row["bad"]), flush=True)
    runs = sum(t[0] for t in totals.values())
    print("%d runs, %d violations, %.0f s" % (runs, len(violations), time.time() - begin))
    if o.results:
        with open(o.results, "w") as f:
            f.write("row\tfault\thow\truns\tviolations\tseed\n")
            for (kind, how), (n, bad) in sorted(totals.items()):
                row = "1" if kind == MOMENT[0] else "2" if how in KILLS else "6" if kind.startswith("malloc") or how in ("ENOMEM", "EAGAIN") else "5"
                f.write("%s\t%s\t%s, %s\t%d\t%d\t%s\n" % (
                    row, kind, how if kind == MOMENT[0] else how + " at the k-th call", "nas-" + o.only if o.only else "every program", n, bad,
                    o.seed if o.sample or o.moments else "-"))
    sys.exit(bool(violations))


if __name__ == "__main__":
    main()
