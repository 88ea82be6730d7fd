#!/bin/bash
# nas-ingest and images that are none: one message, the right status, nothing written.
. "$(dirname "$0")/lib.sh"
need nas-ingest
out=$T/out
mkdir -p "$out"
ingest() { echo "$BIN/nas-ingest --quiet --threads 2 --out $out/dataset.h5 --labels-out $out/labels.h5 --data"; }

# CIFAR-10
cifar10 "$T/cifar" 40 10
works "a small CIFAR-10 folder" $(ingest) "$T/cifar" --seed 3
rm -f "$out"/*
cp -r "$T/cifar" "$T/cut"
head -c $((3073 * 20 + 1234)) "$T/cifar/data_batch_1.bin" >"$T/cut/data_batch_1.bin"
refuses "truncated CIFAR file" 65 "data_batch_1.bin" "$out" $(ingest) "$T/cut"
: >"$T/cut/data_batch_1.bin"
refuses "empty CIFAR file" 65 "data_batch_1.bin|cut" "$out" $(ingest) "$T/cut"
cp "$T/cifar/data_batch_1.bin" "$T/cut/data_batch_1.bin"
printf '\xc8' | dd of="$T/cut/data_batch_1.bin" bs=1 seek=$((3073 * 7)) conv=notrunc status=none
refuses "CIFAR label out of range" 65 "data_batch_1.bin: record 7" "$out" $(ingest) "$T/cut"
for change in longer shorter; do
	{ cat "$T/cifar/data_batch_1.bin"; printf 'x'; } >"$T/cut/data_batch_1.bin"
	[ $change = longer ] || head -c -1 "$T/cifar/data_batch_1.bin" >"$T/cut/data_batch_1.bin"
	refuses "a CIFAR file one byte $change" 65 "data_batch_1.bin: .*whole number of records" "$out" $(ingest) "$T/cut"
done
rm "$T/cut/data_batch_1.bin"
mkfifo "$T/cut/data_batch_1.bin"
refuses "a FIFO for a CIFAR file" 65 "data_batch_1.bin: is no regular file" "$out" $(ingest) "$T/cut"
rm "$T/cut/data_batch_1.bin"
mkdir "$T/cut/data_batch_1.bin"
refuses "a folder for a CIFAR file" 65 "data_batch_1.bin: is a folder" "$out" $(ingest) "$T/cut"
rmdir "$T/cut/data_batch_1.bin"
ln -s nowhere "$T/cut/data_batch_1.bin"
refuses "a link to nowhere for a CIFAR file" 66 "data_batch_1.bin: No such file" "$out" $(ingest) "$T/cut"
rm "$T/cut/data_batch_1.bin"
truncate -s $((3073 * 40)) "$T/cut/data_batch_1.bin"
works "a CIFAR file of zeros: one class, all images alike" $(ingest) "$T/cut"
rm -f "$out"/*
cuts=${SOAK:+500}
for i in $(seq "${cuts:-25}"); do
	head -c $((i * 4703 % 122900 + 1)) "$T/cifar/data_batch_1.bin" >"$T/cut/data_batch_1.bin"
	[ $(($(stat -c %s "$T/cut/data_batch_1.bin") % 3073)) = 0 ] && continue
	refuses "a CIFAR file cut $i" 65 "data_batch_1.bin" "$out" $(ingest) "$T/cut"
done
cp "$T/cifar/data_batch_1.bin" "$T/cut/data_batch_1.bin"
count 9 "CIFAR files that are cut, empty, too long, FIFOs, folders, links to nowhere, with labels out of range" nas-ingest $passed
rm "$T/cut/test_batch.bin"
refuses "CIFAR without its test file" 65 "cut.*test_batch.bin" "$out" $(ingest) "$T/cut"

# TIFF
mkdir -p "$T/tiff"
for i in $(seq 24); do tiff "$T/tiff/$i.tif" 20 18 "$i"; done
works "a flat folder of TIFF files" $(ingest) "$T/tiff" --size 16
rm -f "$out"/*
cp -r "$T/tiff" "$T/mixed"
echo "this is a letter, no image" >"$T/mixed/letter.tif"
LIST=1 refuses "a TIFF that is no TIFF" 65 "letter.tif" "$out" $(ingest) "$T/mixed" --size 16
works "the same with --skip-bad 1" $(ingest) "$T/mixed" --size 16 --skip-bad 1
rm -f "$out"/*
: >"$T/mixed/letter.tif"
LIST=1 refuses "an empty TIFF file" 65 "letter.tif" "$out" $(ingest) "$T/mixed" --size 16
head -c 600 "$T/tiff/3.tif" >"$T/mixed/letter.tif"
LIST=1 refuses "a truncated TIFF file" 65 "letter.tif" "$out" $(ingest) "$T/mixed" --size 16
noise 3000 5 >"$T/mixed/letter.tif"
printf 'II*\0\x08\0\0\0' | dd of="$T/mixed/letter.tif" conv=notrunc status=none
LIST=1 refuses "a TIFF header before nonsense" 65 "letter.tif" "$out" $(ingest) "$T/mixed" --size 16
cp "$T/tiff/3.tif" "$T/mixed/letter.tif"
printf '\xff\xff\xff\xff' | dd of="$T/mixed/letter.tif" bs=1 seek=$((8 + 1080 + 2 + 8)) conv=notrunc status=none
LIST=1 refuses "a TIFF that says it is 4 billion columns wide" 65 "letter.tif" "$out" $(ingest) "$T/mixed" --size 16
echo "no image" >"$T/alone.tif"
LIST=1 refuses "one file that is no TIFF" 65 "alone.tif" "$out" $(ingest) "$T/alone.tif"
rm "$T/mixed/letter.tif"
tiff "$T/mixed/wide.tif" 40 18 99
refuses "images of two sizes without --size" 65 "wide.tif|size" "$out" $(ingest) "$T/mixed" --size 0

# too little
mkdir -p "$T/empty"
refuses "an empty folder" 65 "empty" "$out" $(ingest) "$T/empty"
mkdir -p "$T/one"
tiff "$T/one/only.tif" 20 18 1
refuses "one image" 65 "$T/one: 1 image " "$out" $(ingest) "$T/one"
refuses "a folder that does not exist" 66 "nowhere" "$out" $(ingest) "$T/nowhere"
refuses "a device" 65 "/dev/null" "$out" $(ingest) /dev/null

# texts
refuses "a size that is none" 64 "size" "$out" $(ingest) shapes10 --size 3y3
refuses "a negative size" 64 "size" "$out" $(ingest) shapes10 --size -4
refuses "a split with nothing to train on" 64 "split" "$out" $(ingest) "$T/tiff" --split 0:50:50
refuses "a split that is no number" 64 "split" "$out" $(ingest) "$T/tiff" --split 80:x:10
refuses "a split of two" 64 "split" "$out" $(ingest) "$T/tiff" --split 80:20
refuses "built-in images without a number" 64 "builtin-images" "$out" $(ingest) shapes10 --builtin-images many
refuses "an unknown fit" 64 "fit.*crop" "$out" $(ingest) "$T/tiff" --fit squeeze
finish
