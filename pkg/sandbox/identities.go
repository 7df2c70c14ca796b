package sandbox

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// person is somebody at one issuer.
type person struct{ issuer, subject string }

// identity is somebody in a pool, and the logins that lead there.
type identity struct {
	pool   string
	linked []person
}

// identityBook holds the identities of all pools by identity ID.
type identityBook struct {
	mu   sync.Mutex
	byID map[string]identity
}

// of finds the identity of persons who signed in together, or makes it; those it did not know are
// linked to it. It reports false when they lead to different identities.
func (b *identityBook) of(pool string, persons []person) (id string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for known, one := range b.byID {
		if one.pool != pool || !slices.ContainsFunc(persons, func(p person) bool { return slices.Contains(one.linked, p) }) {
			continue
		}
		if id != "" {
			return "", false
		}
		id = known
	}
	if id == "" {
		id = newIdentityID(pool, persons[0])
	}
	if b.byID == nil {
		b.byID = map[string]identity{}
	}
	one := b.byID[id]
	one.pool = pool
	for _, p := range persons {
		if !slices.Contains(one.linked, p) {
			one.linked = append(one.linked, p)
		}
	}
	b.byID[id] = one
	return id, true
}

// find returns an identity's pool and logins; no pool when there is no such identity.
func (b *identityBook) find(id string) (pool string, linked []person) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.byID[id].pool, slices.Clone(b.byID[id].linked)
}

// newIdentityID is REGION:UUID, the same for the same person even in the next run.
func newIdentityID(pool string, p person) string {
	region, _, _ := strings.Cut(pool, ":")
	sum := sha256.Sum256([]byte(pool + "\n" + p.issuer + "\n" + p.subject))
	return fmt.Sprintf("%s:%x-%x-%x-%x-%x", region, sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
