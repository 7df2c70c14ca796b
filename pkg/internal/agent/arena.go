package agent

import "slices"

// An arena is memory outside Go's heap. As far as the system allows, it is locked, so that it is never swapped
// out, and excluded from core dumps. It grows in chunks: the lowest usual RLIMIT_MEMLOCK (64 KiB) is enough to
// lock the first, and most users need no other.
type arena struct{ chunks []*chunk }

const (
	chunkSize = maxValue
	maxChunks = 128
)

type chunk struct {
	memory []byte
	locked bool
	used   []span // in ascending order
}

// span is a range of bytes in a chunk.
type span struct{ from, to int }

// slot is where a value is stored. The zero slot holds the empty value.
type slot struct {
	chunk *chunk
	span
}

func (s slot) bytes() []byte {
	if s.chunk == nil {
		return []byte{}
	}
	return s.chunk.memory[s.from:s.to:s.to]
}

// store copies a value of at most maxValue bytes into the arena. The error is ErrRefused when there is no room.
func (a *arena) store(value []byte) (slot, error) {
	if len(value) == 0 {
		return slot{}, nil
	}
	for _, c := range a.chunks {
		if at, ok := c.reserve(len(value)); ok {
			copy(c.memory[at.from:at.to], value)
			return slot{c, at}, nil
		}
	}
	if err := a.grow(); err != nil {
		return slot{}, err
	}
	return a.store(value)
}

// grow adds an empty chunk.
func (a *arena) grow() error {
	if len(a.chunks) >= maxChunks {
		return ErrRefused
	}
	memory, locked, err := mapMemory(chunkSize)
	if err != nil {
		return ErrRefused
	}
	a.chunks = append(a.chunks, &chunk{memory: memory, locked: locked})
	return nil
}

// reserve takes the first gap of at least n bytes.
func (c *chunk) reserve(n int) (span, bool) {
	from := 0
	for i, used := range append(c.used[:len(c.used):len(c.used)], span{from: len(c.memory)}) {
		if used.from-from >= n {
			at := span{from, from + n}
			c.used = slices.Insert(c.used, i, at)
			return at, true
		}
		from = used.to
	}
	return span{}, false
}

// drop zeroes a slot. A chunk that has become empty is unmapped, unless it is the last one.
func (a *arena) drop(s slot) {
	if s.chunk == nil {
		return
	}
	clear(s.bytes())
	i := slices.Index(s.chunk.used, s.span)
	s.chunk.used = slices.Delete(s.chunk.used, i, i+1)
	if len(s.chunk.used) == 0 && len(a.chunks) > 1 {
		unmapMemory(s.chunk.memory)
		a.chunks = slices.DeleteFunc(a.chunks, func(c *chunk) bool { return c == s.chunk })
	}
}

// locked reports whether every chunk is locked.
func (a *arena) locked() bool {
	return !slices.ContainsFunc(a.chunks, func(c *chunk) bool { return !c.locked })
}
