package agent

import (
	"errors"
	"strings"
	"sync"
	"time"
)

// errEnded says that the agent is about to end and takes nothing more.
var errEnded = errors.New("the agent is ending")

// vault holds the values. It owns every byte it is given, and zeroes what it drops.
type vault struct {
	now func() time.Time
	// changed has an element when something was put since the last sweep.
	changed chan struct{}

	mu         sync.Mutex
	entries    map[string]entry
	emptySince time.Time
	ended      bool
}

type entry struct {
	value []byte
	until time.Time // zero: until deleted
	kept  time.Time // carries the monotonic clock
}

func newVault(now func() time.Time) *vault {
	return &vault{now: now, changed: make(chan struct{}, 1), entries: map[string]entry{}, emptySince: now()}
}

// expired goes by the wall clock and by the monotonic one, whichever is first: the one may be set back,
// the other may stand still while the machine sleeps.
func (e entry) expired(now time.Time) bool {
	return !e.until.IsZero() && (!now.Before(e.until) || now.Sub(e.kept) >= e.until.Sub(e.kept))
}

// get returns a copy, which the caller zeroes; nil when there is none.
func (v *vault) get(key string) []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, ok := v.entries[key]
	if !ok {
		return nil
	}
	if e.expired(v.now()) {
		v.drop(key)
		return nil
	}
	return append([]byte{}, e.value...)
}

// put takes value over.
func (v *vault) put(key string, value []byte, until time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	e := entry{value: value, until: until, kept: now}
	switch _, there := v.entries[key]; {
	case v.ended:
		clear(value)
		return errEnded
	case e.expired(now):
		clear(value)
		v.drop(key)
		return nil
	case !there && len(v.entries) >= maxEntries:
		clear(value)
		return ErrRefused
	}
	v.drop(key)
	v.entries[key] = e
	select {
	case v.changed <- struct{}{}:
	default:
	}
	return nil
}

// delete forgets the key and every key below it ("key/…").
func (v *vault) delete(key string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for k := range v.entries {
		if k == key || strings.HasPrefix(k, key+"/") {
			v.drop(k)
		}
	}
}

// drop wants the mutex held.
func (v *vault) drop(key string) {
	e, ok := v.entries[key]
	if !ok {
		return
	}
	clear(e.value)
	delete(v.entries, key)
	if len(v.entries) == 0 {
		v.emptySince = v.now()
	}
}

// sweep drops what has expired and returns how long until the next value does, at most limit.
func (v *vault) sweep(limit time.Duration) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	for key, e := range v.entries {
		switch {
		case e.expired(now):
			v.drop(key)
		case !e.until.IsZero():
			limit = min(limit, e.until.Sub(now))
		}
	}
	return limit
}

// endIfIdle ends the vault when it has been empty that long, and reports whether it did. No put comes
// between the look and the end.
func (v *vault) endIfIdle(idle time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.entries) == 0 && v.now().Sub(v.emptySince) >= idle {
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
		v.emptySince = v.now()
	}
	return nil
}

// end drops everything and takes nothing more.
func (v *vault) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	for key := range v.entries {
		v.drop(key)
	}
}
