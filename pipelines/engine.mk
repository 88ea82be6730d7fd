# The inner Make: a pipeline's lines become rules.  start.mk starts it, with the lock of the run held.
#
#   $(call run,VERB,OUTPUT ...,ROLE=INPUT ...,OPTIONS[,SIBLINGS])
#
# is one run of nas-VERB.  The first OUTPUT goes to --out unless OPTIONS has one; a further one is written
# ROLE=FILE and goes to --ROLE-out.  An input without a role is only waited for.  SIBLINGS is how many such
# runs may go on side by side (they share the processors).
#
# What is out of date is decided by content: nas-stale is asked once, while this file is read, and its
# answer holds for the whole make.  Edges between files are order-only, so clocks decide nothing.  No
# rule has a comma in OPTIONS except inside a variable's value.
here        := $(dir $(lastword $(MAKEFILE_LIST)))
.SECONDEXPANSION:
.DEFAULT_GOAL := help

include $(here)names.mk
$(call var,THREADS,0,threads of a stage; 0: all processors divided by what runs side by side)
$(call var,LAUNCH,,stands before every stage; e.g. srun -n1 -c4)
$(if $(filter environment,$(origin ISA)),$(eval ISA := $(ISA)))
$(call var,ISA,,instruction set: avx512 or avx2 or baseline; empty: the best there is)
BIN  ?= build/release/bin
goal := $(firstword $(MAKECMDGOALS))

# The run remembers its pipeline and variables, so that `make status RUN=mine` need not be told them again.
ifneq ($(filter status verify report,$(goal)),)
-include $R/run.mk
endif
ifneq ($(ISA),)
export ISA
else
unexport ISA
endif

# ---- what the pipeline says ----------------------------------------------------
runs     :=
cpus     := $(shell nproc)
# (only a recipe sees -j in MAKEFLAGS: this, and the threads, are expanded there)
jobs      = $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),$(if $(filter -j,$(MAKEFLAGS)),$(cpus),1))
# threads of each of $1 runs side by side; a launcher's other hosts know their processors themselves
threads   = $(or $(filter-out 0,$(THREADS)),$(if $(LAUNCH),0),$(value threads.$1),$(eval threads.$1 := $(shell \
  n=$$(( $1 < $(jobs) ? $1 : $(jobs) )); echo $$(( n < $(cpus) ? $(cpus) / n : 1 ))))$(threads.$1))
files     = $(foreach w,$1,$(lastword $(subst =, ,$w)))
flags     = $(foreach w,$1,$(if $(findstring =,$w),--$(subst =,$2 ,$w)))
define add-run
runs       += $(firstword $2)
verb.$(firstword $2) := $1
outs.$(firstword $2) := $(call files,$2)
deps.$(firstword $2) := $(call files,$3)
args.$(firstword $2) := $(strip $(call flags,$3,) $4) $(if $(filter --out,$4),,--out $(firstword $2))$(if $(word 2,$2), $(call flags,$(wordlist 2,9,$2),-out))
side.$(firstword $2) := $(or $5,1)
roles.$(firstword $2) := $(foreach w,$(wordlist 2,9,$2),$(firstword $(subst =, ,$w)))
endef
run = $(eval $(call add-run,$(strip $1),$(strip $2),$(strip $3),$(strip $4),$(strip $(value 5))))
# An option's value, in quotes: it may hold blanks.
value.of = '$(subst ','\'',$1)'

include $(here)$(PIPELINE).mk

# ---- which of it is stale ------------------------------------------------------
# A line of the plan per file; of two outputs the stage is asked which one it speaks of.
plan-line = $1$(tab)$(deps.$2)$(tab)$(BIN)/nas-$(verb.$2) $(args.$2)$3$(newline)
plan-text = $(subst $(newline) ,$(newline),$(foreach r,$(runs),$(call plan-line,$r,$r,$(if $(roles.$r), --which $(basename $(notdir $r))))$(foreach \
  w,$(roles.$r),$(call plan-line,$(filter %/$w.h5,$(outs.$r)),$r, --which $w))))
plan-file = $(eval plan := $(shell mktemp))$(file >$(plan),$(plan-text))$(plan)
stale    :=
ifeq ($(goal),$(PIPELINE))
ifeq ($(wildcard $(BIN)/nas-stale),)    # make -n in a new clone: nobody to ask, and nothing is there
stale    := $(foreach r,$(runs),$(outs.$r))
else
stale    := $(shell $(BIN)/nas-stale $(plan-file); s=$$?; rm -f $(plan); exit $$s)
ifneq ($(.SHELLSTATUS),0)
$(error nothing was run)
endif
endif
ifeq ($(dry),)
given    := $(foreach v,$(filter-out RUN RESULTS V,$(settings)),$(if $(filter command,$(firstword $(origin $v))),$v))
$(file >$R/run.mk,$(subst $(newline) ,$(newline),$(foreach v,$(given),$v := $(value $v)$(newline))))
endif
endif

# ---- rules ---------------------------------------------------------------------
log      = $R/log/$(subst /,-,$(patsubst $R/%,%,$(basename $1))).log
define rule
$(outs.$1) &: | $(deps.$1) $$$$(@D)/.
	$(BIN)/nas-run $(if $(LAUNCH),$(LAUNCH) )$(BIN)/nas-$(verb.$1) $(args.$1) --log $(call log,$1) --threads $$(call threads,$(side.$1))
endef
$(foreach r,$(runs),$(eval $(call rule,$r)))
.PRECIOUS: $(foreach r,$(runs),$(outs.$r)) %/.
.PHONY: FORCE $(PIPELINE) status explain verify report
ifneq ($(stale),)
$(stale): FORCE
endif
%/.:
	@mkdir -p $@

# What a pipeline shows at its end; then the outer Make is told that all went well.
finish   ?= cat $R/report/summary.txt
$(PIPELINE): | $(runs)
	$(if $(dry),,@$(finish); [ -z "$${NAS_OUTCOME-}" ] || echo ok >"$$NAS_OUTCOME")
status explain verify:
	@$(BIN)/nas-stale $(plan-file) --$@; s=$$?; rm -f $(plan); exit $$s
report:
	@$(BIN)/nas-report --run $R --out $R/report; cat $R/report/summary.txt
