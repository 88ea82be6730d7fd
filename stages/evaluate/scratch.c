#include "stages/evaluate/scratch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/log.h"

/* What every candidate has in common. */
struct course {
	const struct evaluate_args *a;
	struct judge *j;
	int64_t threads, train, held_out;        /* images */
};

/* One candidate trained for so many epochs with this seed and scored; in an arena of its own. */
static int train_and_score(const struct course *c, double epochs, int64_t seed, struct trial *trial)
{
	struct training_options o = c->a->training;
	struct arena *mem = arena_new(), *judges = c->j->mem;
	struct training t = {
		.mem = mem, .options = &o, .space = c->j->space, .data = &c->j->data,
		.labels = c->j->labelled ? &c->j->labels : NULL, .labels_path = c->a->labels,
		.regime = plugin_find(PLUGIN_TABLE(nn_regime_table), "regime", "single"),
	};
	struct bank_view negatives;      /* rows of training images, the same ones for every candidate (csnas-tpe.md 2.5) */
	struct history one = { .decisions = c->j->space->decisions, .count = 1, .trial = trial };
	int status;

	o.epochs = epochs;
	o.images = c->train;
	o.seed = seed;
	memcpy(t.code, trial->code, (size_t)c->j->space->decisions);
	status = t.regime ? training_prepare(&t, o.objective, c->threads) : err_code();
	if (status >= 0)
		status = training_run(&t, NULL, NULL);
	if (status >= 0) {
		c->j->mem = mem;
		c->j->values = training_weights(&t);
		c->j->negatives = t.bank ? &negatives : NULL;
		if (t.bank)
			negatives = bank_look(t.bank, 0, NULL, bank_negatives(o.batch), (uint64_t)c->a->training.seed, 0, mem);
		status = judge_trials(c->j, c->a, c->held_out, &one);
		c->j->mem = judges;
	} else if (training_diverged(&t)) {
		log_event("diverged", "trial=%lld: %s", (long long)trial->id, err_text());
		err_clear();
		trial->status = TRIAL_FAIL;
		trial->score = trial->loss = trial->top1 = NAN;
		status = 0;
	}
	training_done(&t);
	arena_free(mem);
	return status;
}

/* The mean score of trainings that differ in their seed; failed when one of them is. */
static int mean_score(const struct course *c, double epochs, struct trial *trial)
{
	double score = 0, loss = 0, top1 = 0, n = (double)c->a->repeats;

	for (int64_t k = 0; k < c->a->repeats; k++) {
		TRY(train_and_score(c, epochs, c->a->training.seed + k, trial));
		score += trial->score / n;
		loss += trial->loss / n;
		top1 += trial->top1 / n;
	}
	trial->status = isfinite(score) ? TRIAL_DONE : TRIAL_FAIL;
	trial->score = score;
	trial->loss = loss;
	trial->top1 = top1;
	return 0;
}

static int better(const void *a, const void *b)
{
	const struct trial *p = *(struct trial *const *)a, *q = *(struct trial *const *)b;

	if ((p->status == TRIAL_DONE) != (q->status == TRIAL_DONE))
		return p->status == TRIAL_DONE ? -1 : 1;
	if (p->status == TRIAL_DONE && p->score != q->score)
		return p->score > q->score ? -1 : 1;
	return (p->id > q->id) - (p->id < q->id);
}

/* The rungs of successive halving; one rung with all candidates without it. */
static int run(const struct course *c, struct history *trials)
{
	int64_t n = trials->count, keep = c->a->halving;
	struct trial **left = ARENA_NEW(c->j->mem, struct trial *, n);
	double shrink = 1;

	for (int64_t i = 0; i < n; i++)
		left[i] = &trials->trial[i];
	for (int64_t most = n; keep > 1 && most >= keep; most /= keep)
		shrink *= (double)keep;
	for (; n; shrink /= (double)keep) {
		for (int64_t i = 0; i < n; i++) {
			TRY(mean_score(c, c->a->training.epochs / shrink, left[i]));
			log_progress(i + 1 == n, "candidate %lld/%lld trained from scratch", (long long)i + 1, (long long)n);
		}
		if (shrink <= 1)
			return 0;
		qsort(left, (size_t)n, sizeof *left, better);
		for (int64_t i = n / keep; i < n; i++) {
			if (left[i]->status == TRIAL_DONE)
				log_event("dropped", "trial=%lld score=%.6f epochs=%g", (long long)left[i]->id, left[i]->score,
				          c->a->training.epochs / shrink);
			left[i]->status = TRIAL_FAIL;
			left[i]->score = left[i]->loss = left[i]->top1 = NAN;
		}
		n /= keep;
	}
	return 0;
}

int scratch(const struct evaluate_args *given, struct judge *j, int64_t threads, struct history *trials)
{
	struct evaluate_args args = *given, *a = &args;
	struct course c = { a, j, threads };

	if (!strcmp(a->training.objective, "auto"))
		a->training.objective = "ntxent";
	if (a->training.temperature == 0)
		a->training.temperature = objective_defaults.temperature;
	j->trained = j->objective = plugin_find(PLUGIN_TABLE(objective_table), "objective", a->training.objective);
	if (!j->objective)
		return err_code();
	j->head = (struct objective_settings){
		.temperature = a->training.temperature, .hidden = a->training.hidden, .embedding = a->training.embedding,
	};
	TRY(training_check(&a->training, &evaluate_defaults.training));
	if (j->objective->needs_labels && a->labels) {
		/* the classifier's outputs are the classes of the labels */
		struct labels l;
		TRY(labels_read(&l, a->labels, &j->data, j->mem));
		j->head.classes = l.classes;
	}
	TRY(judge_labels(j, a->labels));
	c.train = (int64_t)ceil(a->fraction * (double)j->data.size[DATA_TRAIN] - 1e-9);
	c.held_out = a->images ? a->images : (c.train + 8) / 9;
	if (c.held_out > j->data.size[DATA_VALID])
		c.held_out = j->data.size[DATA_VALID];
	log_event("scratch", "train=%lld held_out=%lld epochs=%g", (long long)c.train, (long long)c.held_out,
	          a->training.epochs);
	return run(&c, trials);
}
