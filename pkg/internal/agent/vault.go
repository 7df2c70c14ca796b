package agent

import (
	"errors"
	"strings"
	"sync"
	"time"
)

// errEnded says that the agent is about to end and takes nothing more.
var errEnded = errors.New("the agent is ending")

// vault holds the values, in an arena, and zeroes what it drops.
type vault struct {
	clock clock
	// kindOf tells the kind of a value when it is put; nil: all are KindOther.
	kindOf KindOf
	// changed has an element when something was put since the last sweep, or the vault has ended.
	changed chan struct{}

	mu         sync.Mutex
	ended      bool
	arena      arena
	entries    map[string]entry
	emptySince time.Duration // by the monotonic clock
}

// entry goes by the wall clock and by the monotonic one, whichever is first: the one may be set back, the
// other may stand still while the machine sleeps.
type entry struct {
	slot
	kind  Kind
	until time.Time     // zero: until deleted
	end   time.Duration // the same by the monotonic clock
}

func newVault(c clock) *vault {
	return &vault{clock: c, changed: make(chan struct{}, 1), entries: map[string]entry{}, emptySince: c.running()}
}

// left is how long the entry still lives; it matters only where there is an end.
func (v *vault) left(e entry) time.Duration {
	return min(e.until.Sub(v.clock.wall()), e.end-v.clock.running())
}

func (v *vault) expired(e entry) bool { return !e.until.IsZero() && v.left(e) <= 0 }

// get returns a copy, which the caller zeroes; nil when there is none.
func (v *vault) get(key string) []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, ok := v.entries[key]
	switch {
	case !ok:
		return nil
	case v.expired(e):
		v.drop(key)
		return nil
	}
	return append([]byte{}, e.bytes()...)
}

// put keeps a copy of value, in place of what had that key; the caller zeroes its own.
func (v *vault) put(key string, value []byte, until time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return errEnded
	}
	until = until.Round(0) // Sub would go by the monotonic clock alone
	e := entry{until: until, end: v.clock.running() + until.Sub(v.clock.wall())}
	if _, there := v.entries[key]; !there && len(v.entries) >= maxEntries && !v.expired(e) {
		return ErrRefused
	}
	v.drop(key)
	if v.expired(e) {
		return nil
	}
	var err error
	if e.slot, err = v.arena.keep(value); err != nil {
		return err
	}
	if v.kindOf != nil {
		e.kind = v.kindOf(key, value)
	}
	v.entries[key] = e
	v.wake()
	return nil
}

// delete forgets the key and every key below it ("key/…").
func (v *vault) delete(key string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return errEnded
	}
	for k := range v.entries {
		if k == key || strings.HasPrefix(k, key+"/") {
			v.drop(k)
		}
	}
	return nil
}

// drop wants the mutex held.
func (v *vault) drop(key string) {
	e, ok := v.entries[key]
	if !ok {
		return
	}
	v.arena.drop(e.slot)
	delete(v.entries, key)
	if len(v.entries) == 0 {
		v.emptySince = v.clock.running()
	}
}

// sweep drops what has expired and returns how long until the next value does, at most limit.
func (v *vault) sweep(limit time.Duration) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	for key, e := range v.entries {
		switch {
		case v.expired(e):
			v.drop(key)
		case !e.until.IsZero():
			limit = min(limit, v.left(e))
		}
	}
	return limit
}

// endIfIdle ends the vault when it has been empty that long, and reports whether it has ended. No put
// comes between the look and the end.
func (v *vault) endIfIdle(idle time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.entries) == 0 && v.clock.running()-v.emptySince >= idle {
		v.ended = true
	}
	return v.ended
}

// touch starts the wait of an empty vault anew: whoever was told that the agent lives is about to put.
func (v *vault) touch() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return errEnded
	}
	if len(v.entries) == 0 {
		v.emptySince = v.clock.running()
	}
	return nil
}

// end drops everything and takes nothing more.
func (v *vault) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	v.forget()
	v.wake()
}

// forget drops everything. It wants the mutex held.
func (v *vault) forget() {
	for key := range v.entries {
		v.drop(key)
	}
}

func (v *vault) wake() {
	select {
	case v.changed <- struct{}{}:
	default:
	}
}
