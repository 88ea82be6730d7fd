# What both Makes have in common: how they run commands, which variables there are, what they may hold, and where a
# run lives.
#
#   $(call var,NAME,default,text for make help)
#
# A value comes from the command line, else from config.mk, else it is the default; never from the
# environment, where names like K or SEED mean something else.
# A pipeline whose default is another one says so before: $(call preset,NAME,default).
MAKEFLAGS   += -rR --no-print-directory --warn-undefined-variables
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
dry  := $(findstring n,$(firstword -$(MAKEFLAGS)))

-include config.mk              # untracked: local settings, e.g. DATA := /data/mine
preset = $(if $(filter undefined default environment%,$(origin $1)),$(eval $1 := $2))
var = $(eval settings += $1)$(call preset,$1,$2)$(if $(strip $2),$(if $(strip $(value $1)),,$(error $1 is given and empty: \
  leave it out for its default ($(strip $2)), or give it a value)))
settings :=

$(call var,DATA,shapes10,images: folder of CIFAR-10/100 binaries; folder of TIFF files; one TIFF file; shapes10 is built in)
$(call var,RUN,,name of the run; empty: the pipeline and the last part of DATA)
$(call var,RESULTS,results,folder that holds the runs)
$(call var,PIPELINE,search,pipeline that status explain verify and report speak of; status verify report: that which made the run)
$(call var,V,0,1: print every command)

empty   :=
space   := $(empty) $(empty)
tab     := $(empty)	$(empty)
hash    := \#
define newline


endef

# Characters of $1 (raw, nothing expanded) that are among the words $2; "blank" for white space.
refused = $(strip $(if $(filter-out 0 1,$(words x$(value $1)x)),blank) $(foreach c,$2,$(findstring $c,$(value $1))))
unmakeable := $$ $(hash) % : ; ' " ` \ $(empty)
unnameable := $(unmakeable) / * ? [ ] { } ( ) < > | & ! ~ =
refuse  = $(if $(call refused,$1,$2),$(error $1="$(value $1)" holds a character that Make or the shell cannot carry \
            ($(call refused,$1,$2)): choose a name without it$(if $(filter DATA,$1),; inside the folder any name works)))
$(call refuse,DATA,$(unmakeable))
$(call refuse,RESULTS,$(unmakeable))
$(call refuse,RUN,$(unnameable))
$(call refuse,LIST,$(unmakeable))
$(call refuse,TRUTH,$(unmakeable))

# Values become words of commands.  What the shell or Make would act on is refused in all of them, so that nothing
# is executed from one; LAUNCH and what the compiler is given are commands by nature.
unsafe   := $$ $(hash) ; ' " ` \ | & < >
acted-on  = $(strip $(foreach c,$(unsafe),$(findstring $c,$(value $1))) $(if $(findstring $(newline),$(value $1)),newline))
harmless  = $(if $(acted-on),$(error $1="$(value $1)" holds a character that the shell would act on ($(acted-on))))
$(foreach v,$(filter-out LAUNCH CC CPPFLAGS CFLAGS LDLIBS -% MAKE%,$(.VARIABLES)),$(if \
  $(filter command,$(firstword $(origin $v))),$(call harmless,$v)))

# study-random looks at the run of a search and lives in it.
run-of    = $(or $(strip $(RUN)),$(patsubst study-random,search,$1)-$(notdir $(patsubst %/,%,$(if $(filter /%,$(DATA)),$(DATA),$(abspath $(DATA))))))
run.name := $(call run-of,$(PIPELINE))
$(if $(call refused,run.name,$(unnameable)),$(error a run cannot be called $(run.name) ($(call refused,run.name,$(unnameable))): \
  give it a name with RUN=name))
$(if $(filter .% -%,$(run.name)),$(error RUN=$(run.name): a name does not begin with "." or "-"))
R := $(RESULTS)/$(run.name)
