// Bits of a word and of its halves.

const WORD_BITS = 32u;
const HALF_BITS = 16u;
const HALF_MASK = 0xffffu;
