// SPDX-License-Identifier: GPL-2.0
/*
 * Data that tell where they belong. A block of 512 bytes is a header of four
 * words (stream, number, generation and the seed) and then a stretch of a table
 * of random bytes, from an offset that is a hash of these. So a block that is
 * moved, old, of another stream or damaged is seen, each for what it is; and
 * it costs no more than memcpy() and memcmp(). All words are big endian: the
 * host computes the same.
 */
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include "guest.h"

#define TABLE_SIZE 65536
#define HEADER_SIZE 16

static uint8_t table[TABLE_SIZE + BLOCK_BYTES];
static uint32_t pattern_seed;

uint32_t rng_next(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return x;
}

uint32_t rng_below(uint32_t *state, uint32_t limit)
{
	return rng_next(state) % limit;
}

static uint32_t mix(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x85ebca6b;
	x ^= x >> 13;
	x *= 0xc2b2ae35;
	x ^= x >> 16;
	return x;
}

/* A state for a generator of its own; never 0, where xorshift would stay */
uint32_t rng_seed(uint32_t purpose)
{
	uint32_t state = mix(pattern_seed + purpose * 0x9e3779b9);

	return state ? state : 1;
}

void pattern_init(uint32_t seed)
{
	uint32_t state, word;
	size_t i;

	pattern_seed = seed;
	state = rng_seed(0);
	for (i = 0; i < sizeof(table); i += sizeof(word)) {
		word = htonl(rng_next(&state));
		memcpy(table + i, &word, sizeof(word));
	}
}

static const uint8_t *block_header(uint32_t header[4], enum stream stream, uint32_t block,
				   uint32_t generation)
{
	uint32_t hash = mix(mix(mix(stream) + block) + generation);

	header[0] = htonl(stream);
	header[1] = htonl(block);
	header[2] = htonl(generation);
	header[3] = htonl(pattern_seed);
	return table + hash % TABLE_SIZE;
}

static size_t minimum(size_t a, size_t b)
{
	return a < b ? a : b;
}

void pattern_fill(void *to, size_t size, enum stream stream, uint32_t block, uint32_t generation)
{
	uint8_t *p = to;

	while (size) {
		uint32_t header[4];
		const uint8_t *body = block_header(header, stream, block++, generation);
		size_t length = minimum(size, BLOCK_BYTES);

		memcpy(p, header, minimum(length, HEADER_SIZE));
		if (length > HEADER_SIZE)
			memcpy(p + HEADER_SIZE, body, length - HEADER_SIZE);
		p += length;
		size -= length;
	}
}

static long first_difference(const uint8_t *a, const uint8_t *b, size_t size)
{
	size_t i;

	if (!memcmp(a, b, size))
		return -1;
	for (i = 0; a[i] == b[i]; i++)
		;
	return i;
}

long pattern_check(const void *data, size_t size, enum stream stream, uint32_t block,
		   uint32_t generation)
{
	const uint8_t *p = data;
	size_t done = 0;

	while (done < size) {
		uint8_t wanted[BLOCK_BYTES];
		size_t length = minimum(size - done, BLOCK_BYTES);
		long bad;

		pattern_fill(wanted, length, stream, block++, generation);
		bad = first_difference(p + done, wanted, length);
		if (bad >= 0)
			return done + bad;
		done += length;
	}
	return -1;
}

/* The header of the block that is there instead tells most. */
int pattern_failed(const char *where, const void *data, long offset, uint32_t block)
{
	const uint8_t *start = (const uint8_t *)data + offset / BLOCK_BYTES * BLOCK_BYTES;
	uint32_t header[4];

	memcpy(header, start, sizeof(header));
	return failed("%s: block %u is wrong from byte %ld: header %08x %08x %08x %08x", where,
		      block + (uint32_t)(offset / BLOCK_BYTES), offset % BLOCK_BYTES,
		      ntohl(header[0]), ntohl(header[1]), ntohl(header[2]), ntohl(header[3]));
}
