# Every space goes through the whole pipeline; a cell that was found in a small network is retrained in another one.
. tests/pipelines/tiny.sh
tiny=("${tiny[@]/WIDTH=*/WIDTH=auto}")
search SPACE=darts RUN=darts C=4 L=3 RETRAIN_C=6 RETRAIN_L=4 RETRAIN_DROP_PATH=0.2 RETRAIN_AUXILIARY=0.4
search SPACE=nasbench201 RUN=nasbench201 C=4

has() { "$BIN/nas-inspect" "$RESULTS/$1" >"$SCRATCH/seen"; grep -q -- "$2" "$SCRATCH/seen" || { head -n 60 "$SCRATCH/seen"; fail "$1 lacks $2"; }; }
has darts/space.h5 "initial-channels=4:cells=3:nodes=4:cell-output=last-four:encoding=direct:operations=darts:network=cifar"
has darts/model.h5 "initial-channels=6:cells=4:"
has darts/model.h5 "/param/cell3/input1/weight"
grep -q /param/auxiliary "$SCRATCH/seen" && fail "the auxiliary head is in the model"
has nasbench201/model.h5 "initial-channels=4:cells=1"
grep -q "code=Genotype(normal=" "$RESULTS/darts/log/selection.log" || fail "no genotype in the log"

# what a space does not have is refused, not passed over
refused() {	# TEXT VARIABLE...
	make search "${tiny[@]}" RUN=refused "${@:2}" >"$SCRATCH/make.out" 2>&1 && fail "${*:2} is accepted"
	grep -qF -- "$1" "$SCRATCH/make.out" || { cat "$SCRATCH/make.out"; fail "${*:2}: no message \"$1\""; }
}
refused "space macro has no option cells; it has: width" SPACE=macro L=3
refused "nodes=6: expected a whole number from 4 to 5 (nodes of a cell)" SPACE=darts NODES=6
refused "networks of space nasbench201 have no auxiliary head" SPACE=nasbench201 C=4 RUN=nasbench201 RETRAIN_AUXILIARY=0.4
