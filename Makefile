# The verbs of this repository. Each is a script below harness/; make only starts it.
# harness/packages installs with apt what a verb needs and the machine lacks.

.PHONY: all kunit docs bisect check check-all base-check upstream hp715 hp715-noncoherent hp715-base bench tree refresh series delta packaged recipients send-email deb distribution coccinelle sparse lint test help

all: ## the main job: build the patched x86_64 kernel, boot it, show what it did
	@harness/show

kunit: ## build and boot one machine with all its suites: make kunit MACHINE=arm64-smmuv3
	@harness/kunit "$(MACHINE)"

check: ## run every check of the usual set, one line each
	@harness/check

check-all: ## run every check, on every machine
	@harness/check --all

docs: ## build the documents that the series touches, and compare the warnings
	@harness/docs

bisect: ## build what each patch touches, step by step, and compare the warnings
	@harness/bisect $(MACHINE)

base-check: ## build and boot the state before the series, with the old drivers
	@harness/base-check

upstream: ## run the suites on 5.10.262 as it is: make upstream MACHINE=x86_64, or four machines
	@harness/on-upstream/run $(MACHINE)

hp715: ## put the SCSI and network drivers of QEMU's HP 715 to work, and judge what they did
	@harness/hp715

hp715-noncoherent: ## the same with a 53c700 driver that takes the machine for one without coherent memory
	@harness/hp715 noncoherent

hp715-base: ## the same on the release as it is, to compare with
	@harness/hp715 release --compare

bench: ## count the instructions of an allocation, next to alloc_pages() and to 5.10.262 as it is
	@harness/bench --where

tree: ## make build/linux: the release, base/, one commit for each entry of `series`
	@harness/packages tree
	@harness/tree

refresh: ## write the patches and new files back from the commits in build/linux
	@harness/packages tree
	@harness/refresh

series: ## make build/series: numbered mails for git am, and a quilt series
	@harness/packages tree
	@harness/series

delta: ## make build/delta.diff: what the series differs in from the release as it is, with contents
	@harness/packages tree
	@harness/delta

packaged: ## apply the series after Debian's own patches, as a packager would: build/packaged
	@harness/packages lint
	@harness/packaged

recipients: ## make build/series/recipients: who gets which mail, by get_maintainer.pl
	@harness/packages tree mails
	@harness/recipients

send-email: ## show that git send-email takes all mails with their recipients; sends none
	@harness/send-email

deb: ## build kernel packages from Debian's configuration, and boot a Debian on them
	@harness/packages tree
	@harness/deb

distribution: ## link Debian's kernels with the modules of the folders concerned: make distribution KERNEL=cloud-amd64
	@harness/distribution $(KERNEL)

coccinelle: ## compare what Coccinelle says of the touched files before and after the series
	@harness/coccinelle

sparse: ## compare what sparse says before and after: MACHINES="x86_64 parisc-715" and boards
	@harness/bisect --sparse $(MACHINES)

lint: ## check the series, the messages, checkpatch and our own scripts
	@harness/packages lint
	@harness/lint

test: ## test the harness on a toy kernel
	@harness/packages tests
	@harness/test/run

help: ## show the verbs
	@sed -n 's/^\([a-z][a-z0-9-]*\):[^#]*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20
