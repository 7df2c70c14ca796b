package agent

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// Values stay unchanged, in whatever order others are stored and dropped.
func TestArenaValuesDoNotOverlap(t *testing.T) {
	t.Parallel()
	var a arena
	random := rand.New(rand.NewPCG(1, 2))
	stored := map[slot][]byte{}
	for i := range 3000 {
		value := bytes.Repeat([]byte{byte(i)}, 1+random.IntN(chunkSize/4))
		if s, err := a.store(value); err == nil {
			stored[s] = value
		} else if !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
		for s := range stored {
			if random.IntN(3) > 0 {
				break
			}
			a.drop(s)
			delete(stored, s)
		}
	}
	for s, want := range stored {
		if !bytes.Equal(s.bytes(), want) {
			t.Fatalf("a value of %d bytes %d is overwritten", len(want), want[0])
		}
		a.drop(s)
	}
	if len(a.chunks) != 1 || len(a.chunks[0].used) != 0 {
		t.Errorf("%d chunks are left when the arena is empty, want one empty chunk", len(a.chunks))
	}
	if !bytes.Equal(a.chunks[0].memory, make([]byte, chunkSize)) {
		t.Error("bytes are left when the arena is empty")
	}
}

func TestArenaIsBounded(t *testing.T) {
	t.Parallel()
	var a arena
	full := make([]byte, maxValue)
	for i := range maxChunks {
		if _, err := a.store(full); err != nil {
			t.Fatalf("value %d: %v", i, err)
		}
	}
	if _, err := a.store([]byte("v")); !errors.Is(err, ErrRefused) {
		t.Errorf("one byte too many: %v, want %v", err, ErrRefused)
	}
	if s, err := a.store(nil); err != nil || s.bytes() == nil {
		t.Errorf("storing the empty value in a full arena: %v, %v", s.bytes(), err)
	}
	for len(a.chunks) > 1 {
		a.drop(slot{a.chunks[0], a.chunks[0].used[0]})
	}
}
