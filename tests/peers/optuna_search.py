"""Optuna's TPE and ours on the same synthetic objective and budget (csnas-tpe.md 3.12): best value found,
in standard deviations of random architectures above their mean, over seeds.

    apt-get install python3-optuna
    make peer-search                or: optuna_search.py CELLS_SEARCH [SEEDS [TRIALS]]

Prints one line per searcher, mean and standard error, and our difference from Optuna's multivariate TPE.
Status 1 when ours is worse by more than the standard error of the difference; 77 without Optuna.
"""
import subprocess
import sys

try:
    import numpy
    import optuna
except ImportError:
    print("skipped: python3-optuna is not installed")
    sys.exit(77)

CELLS, NODES, OPS = 2, 4, 7


class Objective:
    def __init__(self, program, seed):
        text = subprocess.run([program, "tables", str(seed)], check=True, capture_output=True, text=True).stdout
        x = numpy.array([float(t) for t in text.split()])
        self.mean, self.sd = x[:2]
        edge, inside = CELLS * NODES * (NODES + 1) * OPS, CELLS * NODES * OPS * OPS
        self.edge = x[2:2 + edge].reshape(CELLS, NODES, NODES + 1, OPS)
        self.inside = x[2 + edge:2 + edge + inside].reshape(CELLS, NODES, OPS, OPS)
        self.across = x[2 + edge + inside:].reshape(CELLS, NODES, NODES, OPS, OPS)
        self.pairs = [[(a, b) for b in range(1, n + 2) for a in range(b)] for n in range(NODES)]
        self.choices = [OPS if d % 3 else len(self.pairs[d // 3 % NODES]) for d in range(CELLS * NODES * 3)]

    def __call__(self, code):
        total = 0.0
        for c in range(CELLS):
            for n in range(NODES):
                pair, first, second = code[(c * NODES + n) * 3:][:3]
                a, b = self.pairs[n][pair]
                total += self.edge[c, n, a, first] + self.edge[c, n, b, second] + 0.5 * self.inside[c, n, first, second]
                for m in range(n):
                    total += 0.5 * self.across[c, m, n, code[(c * NODES + m) * 3 + 1], first]
        return (total - self.mean) / self.sd


def optuna_best(objective, seed, trials):
    def value(trial):
        return objective([trial.suggest_categorical(f"d{d}", list(range(n))) for d, n in enumerate(objective.choices)])

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(multivariate=True, seed=seed))
    study.optimize(value, n_trials=trials)
    return study.best_value


def main():
    program = sys.argv[1]
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    trials = int(sys.argv[3]) if len(sys.argv) > 3 else 220
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    import warnings
    warnings.simplefilter("ignore")
    best = {}
    for seed in range(1, seeds + 1):
        objective = Objective(program, seed)
        ours = float(subprocess.run([program, "value", str(seed)], check=True, capture_output=True, text=True).stdout)
        theirs = objective([d % n for d, n in enumerate(objective.choices)])
        assert abs(ours - theirs) < 1e-12, (ours, theirs)
        out = subprocess.run([program, "run", str(seed), str(trials)], check=True, capture_output=True, text=True).stdout
        for line in out.splitlines():
            name, value = line.split()
            best.setdefault(name, []).append(float(value))
        best.setdefault("optuna", []).append(optuna_best(objective, seed, trials))
    print(f"best of {trials} trials, {seeds} seeds")
    for name, values in best.items():
        print(f"{name:10} {numpy.mean(values):6.3f} +- {numpy.std(values, ddof=1) / seeds ** 0.5:.3f}")
    difference = numpy.array(best["tpe"]) - numpy.array(best["optuna"])
    error = difference.std(ddof=1) / seeds ** 0.5
    print(f"ours less Optuna's: {difference.mean():+.3f} +- {error:.3f}")
    sys.exit(1 if difference.mean() < -error else 0)


main()
