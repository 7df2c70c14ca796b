package agent

import (
	"errors"
	"strings"
	"sync"
	"time"
)

// errEnded says that the agent is about to exit and stores nothing more.
var errEnded = errors.New("the agent is ending")

// vault stores the values in an arena, and zeroes those it drops.
type vault struct {
	clock clock
	// kindOf returns the kind of a value when it is put. If it is nil, all values are KindOther.
	kindOf KindOf
	// changed has an element when a value was put since the last sweep, or when the vault has ended.
	changed chan struct{}

	mu         sync.Mutex
	ended      bool
	arena      arena
	entries    map[string]entry
	emptySince time.Duration // by the monotonic clock
}

// entry expires by the wall clock or by the monotonic clock, whichever is first: the wall clock may be set back, and
// the monotonic clock may stop while the machine sleeps.
type entry struct {
	slot
	kind  Kind
	until time.Time     // by the wall clock; zero: the entry does not expire
	end   time.Duration // by the monotonic clock
}

func newVault(c clock) *vault {
	return &vault{clock: c, changed: make(chan struct{}, 1), entries: map[string]entry{}, emptySince: c.running()}
}

// left returns how long an entry that expires is still valid.
func (v *vault) left(e entry) time.Duration {
	return min(e.until.Sub(v.clock.wall()), e.end-v.clock.running())
}

func (v *vault) expired(e entry) bool { return !e.until.IsZero() && v.left(e) <= 0 }

// get returns a copy of the value, which the caller zeroes. It returns nil when there is no such key.
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

// put stores a copy of value and replaces the earlier value of that key. The caller zeroes its own copy.
func (v *vault) put(key string, value []byte, until time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return errEnded
	}
	until = until.Round(0) // so that Sub uses the wall clock
	e := entry{until: until, end: v.clock.running() + until.Sub(v.clock.wall())}
	if _, there := v.entries[key]; !there && len(v.entries) >= maxEntries && !v.expired(e) {
		return ErrRefused
	}
	v.drop(key)
	if v.expired(e) {
		return nil
	}
	var err error
	if e.slot, err = v.arena.store(value); err != nil {
		return err
	}
	if v.kindOf != nil {
		e.kind = v.kindOf(key, value)
	}
	v.entries[key] = e
	v.wake()
	return nil
}

// delete drops the key and every key below it ("key/…").
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

// drop removes and zeroes one value. The caller holds the mutex.
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

// sweep drops expired values and returns the time until the next one expires, at most limit.
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

// endIfIdle ends the vault if it has been empty that long, and reports whether it has ended. Both happen under the
// mutex, so that no put comes in between.
func (v *vault) endIfIdle(idle time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.entries) == 0 && v.clock.running()-v.emptySince >= idle {
		v.ended = true
	}
	return v.ended
}

// touch restarts the idle time of an empty vault: a client that asks whether the agent runs is about to put.
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

// end drops everything. From then on nothing is stored.
func (v *vault) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	v.dropAll()
	v.wake()
}

// dropAll drops everything. The caller holds the mutex.
func (v *vault) dropAll() {
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
