// SPDX-License-Identifier: GPL-2.0
/*
 * A 53c710 and a target on its bus that are models, for 53c700_test.c.
 *
 * The chip runs the driver's script as it is in memory: instructions, messages,
 * commands and data come and go through the addresses that the driver gave it.
 */
#include <linux/dma-model.h>

/* Phases as SBCL and instructions have them, and no phase */
#define BUS_DATA_OUT		0
#define BUS_DATA_IN		1
#define BUS_COMMAND		2
#define BUS_STATUS		3
#define BUS_MSG_OUT		6
#define BUS_MSG_IN		7
#define BUS_FREE		8

/* What the target does next: it takes or has so many bytes of a phase. */
struct bus_step {
	unsigned int	phase;
	u8		*buf;
	unsigned int	len;
};

struct model_chip {
	struct NCR_700_chip	regs;
	struct dma_model	dma;
	bool			little_endian;
	/* Not able to change the clock: no negotiation of it */
	bool			slow;

	bool			running;
	u32			dsp, dsps, temp, dbc;
	u8			istat, sstat0, dstat, sfbr;
	u8			sien, sxfer, scid;
	/* IDs that the script has selected, and that reselect */
	u8			selected, reselecting;
	unsigned int		nr_bus_resets;

	/* Each ends with BUS_FREE; NULL if no one is there to be selected */
	const struct bus_step	*step, *next;
	/* What a target does that wins the bus from the next selection */
	const struct bus_step	*winner;
	unsigned int		winner_id;
	unsigned int		offset;
};

static struct model_chip *to_model(struct NCR_700_chip *regs)
{
	return container_of(regs, struct model_chip, regs);
}

static void model_scsi_stop(struct model_chip *chip, u8 cause)
{
	chip->running = false;
	chip->sstat0 |= cause;
	chip->istat |= SCSI_INT_PENDING;
}

static u8 model_read8(struct NCR_700_chip *regs, u32 reg)
{
	struct model_chip *chip = to_model(regs);
	u8 value = 0;

	switch (reg) {
	case ISTAT_REG:
		return chip->istat;
	case SSTAT0_REG:
		swap(value, chip->sstat0);
		chip->istat &= ~SCSI_INT_PENDING;
		return value;
	case DSTAT_REG:
		swap(value, chip->dstat);
		chip->istat &= ~DMA_INT_PENDING;
		return value;
	case SBCL_REG:
		return chip->reselecting ? SBCL_IO : 0;
	case SFBR_REG:
		return chip->reselecting ? chip->reselecting | chip->scid :
			chip->sfbr;
	case DFIFO_REG:
		return chip->dbc & 0x7f;
	case CTEST9_REG:
		return chip->reselecting ? chip->reselecting | chip->scid :
			chip->slow;
	default:
		return 0;
	}
}

static u32 model_read32(struct NCR_700_chip *regs, u32 reg)
{
	struct model_chip *chip = to_model(regs);

	switch (reg) {
	case DSP_REG:
		return chip->dsp;
	case DSPS_REG:
		return chip->dsps;
	case DBC_REG:
		return chip->dbc;
	case TEMP_REG:
		return chip->temp;
	default:
		return 0;
	}
}

static void model_write8(struct NCR_700_chip *regs, u8 value, u32 reg)
{
	struct model_chip *chip = to_model(regs);

	switch (reg) {
	case ISTAT_REG:
		if (value & SOFTWARE_RESET_710) {
			chip->running = false;
			chip->istat = 0;
			chip->sien = 0;
			chip->sxfer = 0xff;
		}
		break;
	case SCNTL1_REG:
		if (value & ASSERT_RST) {
			chip->nr_bus_resets++;
			chip->step = NULL;
			chip->next = NULL;
			model_scsi_stop(chip, SCSI_RESET_DETECTED);
		}
		break;
	case SIEN_REG:
		chip->sien = value;
		break;
	case SXFER_REG:
		chip->sxfer = value;
		break;
	case SCID_REG:
		chip->scid = value;
		break;
	}
}

static void model_write32(struct NCR_700_chip *regs, u32 value, u32 reg)
{
	struct model_chip *chip = to_model(regs);

	switch (reg) {
	case DSP_REG:
		chip->dsp = value;
		chip->running = true;
		chip->reselecting = 0;
		break;
	case TEMP_REG:
		chip->temp = value;
		break;
	}
}

static void model_init(struct model_chip *chip)
{
	chip->regs.read8 = model_read8;
	chip->regs.read32 = model_read32;
	chip->regs.write8 = model_write8;
	chip->regs.write32 = model_write32;
}

/* A word of the script, in the order that the chip is wired for */
static int model_read_word(struct model_chip *chip, dma_addr_t addr, u32 *word)
{
	__le32 raw;
	int err;

	err = dma_model_read(&chip->dma, addr, &raw, sizeof(raw));
	*word = chip->little_endian ? le32_to_cpu(raw) : (__force u32)raw;
	return err;
}

/* MOVE: between the bus and memory, for as long as the phase lasts */
static int model_move(struct model_chip *chip, u32 ins, u32 addr)
{
	unsigned int phase = (ins >> 24) & 7;
	u32 count = ins & 0xffffff;
	int err = 0;

	while (count && chip->step->phase == phase && !err) {
		u32 n = min(count, chip->step->len - chip->offset);
		u8 *buf = chip->step->buf + chip->offset;

		if (phase & 1) {
			err = dma_model_write(&chip->dma, addr, buf, n);
			chip->sfbr = buf[0];
		} else {
			err = dma_model_read(&chip->dma, addr, buf, n);
		}
		addr += n;
		count -= n;
		chip->offset += n;
		if (chip->offset == chip->step->len) {
			chip->step++;
			chip->offset = 0;
		}
	}
	chip->dbc = count;
	if (count)
		model_scsi_stop(chip, PHASE_MISMATCH);
	return err;
}

/* SELECT, WAIT DISCONNECT, WAIT RESELECT for who is there, SET and CLEAR */
static int model_io(struct model_chip *chip, u32 ins, u32 addr)
{
	switch ((ins >> 27) & 7) {
	case 0:
		if (chip->winner) {
			swap(chip->step, chip->winner);
			chip->reselecting = BIT(chip->winner_id);
			chip->dsp = addr;
			return 0;
		}
		chip->selected = ins >> 16;
		if (!chip->step)
			swap(chip->step, chip->next);
		if (!chip->step)
			model_scsi_stop(chip, SELECTION_TIMEOUT);
		return 0;
	case 1:
		if (chip->step->phase != BUS_FREE)
			return -EPROTO;
		chip->step = NULL;
		return 0;
	case 2:
		return chip->reselecting ? 0 : -EPROTO;
	case 3:
	case 4:
		return 0;
	default:
		return -EPROTO;
	}
}

/* JUMP, CALL, RETURN and INT, on a phase, on the first byte received, or both */
static void model_transfer(struct model_chip *chip, u32 ins, u32 addr)
{
	unsigned int phase = chip->step ? chip->step->phase : BUS_FREE;
	u8 mask = ~(ins >> 8);
	bool same = true;

	if (ins & BIT(17))
		same = phase == ((ins >> 24) & 7);
	if ((ins & BIT(18)) && (chip->sfbr & mask) != (ins & 0xff & mask))
		same = false;
	if (same != !!(ins & BIT(19)))
		return;

	switch ((ins >> 27) & 7) {
	case 0:
		chip->dsp = addr;
		break;
	case 1:
		chip->temp = chip->dsp;
		chip->dsp = addr;
		break;
	case 2:
		chip->dsp = chip->temp;
		break;
	case 3:
		chip->dsps = addr;
		chip->dstat |= SCRIPT_INT_RECEIVED;
		chip->istat |= DMA_INT_PENDING;
		chip->running = false;
		break;
	}
}

static int model_step(struct model_chip *chip)
{
	u32 ins, arg;
	int err;

	err = model_read_word(chip, chip->dsp, &ins);
	if (!err)
		err = model_read_word(chip, chip->dsp + 4, &arg);
	if (err)
		return err;

	chip->dsp += 8;
	switch (ins >> 30) {
	case 0:
		return chip->step ? model_move(chip, ins, arg) : -EPROTO;
	case 1:
		return model_io(chip, ins, arg);
	case 2:
		model_transfer(chip, ins, arg);
		return 0;
	default:
		return -EPROTO;
	}
}

/* Run the script until there is an interrupt, or nothing to do */
static int model_run(struct model_chip *chip)
{
	unsigned int n;
	int err = 0;

	for (n = 0; chip->running && !err; n++)
		err = n < 1000 ? model_step(chip) : -ELOOP;
	return err;
}

static void model_reselect(struct model_chip *chip, unsigned int id,
			   const struct bus_step *step)
{
	chip->reselecting = BIT(id);
	chip->step = step;
	chip->offset = 0;
	model_scsi_stop(chip, SELECTED);
}
