# The outer Make of a pipeline: checks the variables, takes the lock of the run, starts the engine.
#
# In a checkout GNUmakefile includes it and builds the programs first.  Installed, it is what `nasmill` runs:
#
#   make -f /usr/local/share/nasmill/pipelines/start.mk search DATA=...
#
# in any folder; the results come to lie in ./results.
here := $(dir $(lastword $(MAKEFILE_LIST)))
ifeq ($(.DEFAULT_GOAL),)
.DEFAULT_GOAL := help
endif

include $(here)names.mk
Q     := $(if $(filter 1,$V),,@)
goals := $(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))
BIN   ?= $(here)../../../bin

# ---- before anything else: the variables exist ---------------------------------
pipelines  := $(filter-out names engine start supernet scratch finish,$(patsubst $(here)%.mk,%,$(wildcard $(here)*.mk)))
makefiles  ?=
documented := $(makefiles) $(sort $(wildcard $(here)*.mk))
given      := $(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $v))),$v))
ifneq ($(given),)
known      := $(shell awk -v names=1 -f $(here)help.awk $(documented)) CC B VAR CPPFLAGS CFLAGS LDLIBS
nearest     = $(shell awk -v word='$1' -v known='$(known)' -f $(here)nearest.awk)
$(foreach v,$(filter-out $(known),$(given)),$(error there is no variable $v$(patsubst %,; did you mean %?,$(call \
  nearest,$v)) ("make help" lists all)))
endif

# ---- pipelines -----------------------------------------------------------------
# Two Makes: this one has the programs built and takes the lock of the run; the one that it starts plans
# and runs.  The first half of a pipeline target ignores the failure, so that the second can end with a
# line that says which stage failed and how.
outcome := $(if $(dry),,$(if $(filter $(pipelines),$(goals)),$(shell mktemp -u "$${TMPDIR:-/tmp}/nasmill.XXXXXXXX")))
ifneq ($(outcome),)
export NAS_OUTCOME := $(outcome)
MAKEFLAGS += $(Q:@=-s)
endif
engine  = $(MAKE) -f $(here)engine.mk BIN=$(BIN)
.PHONY: programs status explain verify report help $(pipelines) $(pipelines:%=%.run)
$(pipelines): %: %.run
	$(if $(outcome),$(call ended,$(file <$(outcome)))@rm -f $(outcome))
$(pipelines:%=%.run): %.run: programs
	-@+$(if $(dry),,$(BIN)/nas-lock $(RESULTS)/$(call run-of,$*) -- )$(engine) PIPELINE=$* $*
ended = $(if $(filter ok,$1),,$(shell rm -f $(outcome))$(error $(or $1,$@ was stopped before its end)))
status explain verify report: programs
	@+$(engine) $@

# status:  ## what the run has and what is stale
# explain: ## why each stage would run
# verify:  ## checks every byte and the chain of digests of the run
# report:  ## write the report of the run again
help: ## print this
	@awk -f $(here)help.awk $(documented)
