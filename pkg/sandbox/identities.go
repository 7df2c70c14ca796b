package sandbox

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The reasons for refusing an identity. Cognito has its own wording for each.
var (
	errIdentityForbidden = errors.New("the identity is signed in or disabled")
	errLoginsMismatch    = errors.New("no login of the identity was sent")
	errLoginTaken        = errors.New("the identity has another login of that provider")
)

// person is a user at one provider.
type person struct{ provider, subject string }

// identity is one identity of a pool, with the logins linked to it.
type identity struct {
	pool     string
	made     int // its number in the store, by age
	linked   []person
	signedIn bool // a login was once linked, so guests may not use it any more
	disabled bool // merged into another identity
}

// identityStore holds the identities of all pools by identity ID, in memory. The zero value is ready to use.
type identityStore struct {
	mu   sync.Mutex
	byID map[string]*identity
}

// guest returns a new identity without logins (GetId).
func (b *identityStore) guest(pool string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.add(pool, person{subject: random(16)})
}

// signIn returns the identity of logins that were sent together. It creates one if there is none.
func (b *identityStore) signIn(pool string, persons []person) (id string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := b.reached(pool, persons)
	if len(ids) == 0 {
		ids = []string{b.add(pool, persons[0])}
	}
	return b.merge(ids, persons)
}

// enter checks that the logins lead to the identity, links the new ones, and merges the other identities that they
// lead to. The returned identity may be another one.
func (b *identityStore) enter(id string, persons []person) (owner string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.byID[id]
	switch {
	case one == nil || one.disabled:
		return "", errIdentityForbidden // assumed, even if the logins lead to its owner
	case one.signedIn && !one.has(persons):
		return "", errLoginsMismatch
	}
	ids := b.reached(one.pool, persons)
	if !slices.Contains(ids, id) {
		ids = append(ids, id)
	}
	return b.merge(ids, persons)
}

// enterAsGuest checks that nobody ever signed in to the identity.
func (b *identityStore) enterAsGuest(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.byID[id]; one == nil || one.disabled || one.signedIn {
		return errIdentityForbidden
	}
	return nil
}

// unlink removes the providers' logins from an identity. One of the persons must lead to it. Providers without a
// login are ignored (assumed).
func (b *identityStore) unlink(id string, persons []person, providers []string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.byID[id]
	switch {
	case one == nil || one.disabled:
		return errIdentityForbidden
	case !one.has(persons):
		return errLoginsMismatch
	}
	one.linked = slices.DeleteFunc(one.linked, func(p person) bool { return slices.Contains(providers, p.provider) })
	return nil
}

// poolOf returns the pool of an identity, or "" if there is no such identity.
func (b *identityStore) poolOf(id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.byID[id]; one != nil {
		return one.pool
	}
	return ""
}

// reached returns the identities of a pool that the persons lead to.
func (b *identityStore) reached(pool string, persons []person) []string {
	var ids []string
	for id, one := range b.byID {
		if one.pool == pool && one.has(persons) {
			ids = append(ids, id)
		}
	}
	return ids
}

// merge merges identities into one and links the persons to it. An identity with logins takes precedence over a
// guest's, and an older one over a younger (assumed: AWS says only that one of them is the owner).
func (b *identityStore) merge(ids []string, persons []person) (owner string, err error) {
	slices.SortFunc(ids, func(x, y string) int { return b.byID[x].before(b.byID[y]) })
	var all []person
	for _, id := range ids {
		all = append(all, b.byID[id].linked...)
	}
	for _, p := range persons {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	if providerTwice(all) {
		return "", errLoginTaken
	}
	for _, id := range ids[1:] {
		b.byID[id].linked, b.byID[id].disabled = nil, true
	}
	one := b.byID[ids[0]]
	one.linked, one.signedIn = all, true
	return ids[0], nil
}

func (i *identity) before(other *identity) int {
	if i.signedIn != other.signedIn {
		if i.signedIn {
			return -1
		}
		return 1
	}
	return cmp.Compare(i.made, other.made)
}

func (i *identity) has(persons []person) bool {
	return slices.ContainsFunc(persons, func(p person) bool { return slices.Contains(i.linked, p) })
}

func providerTwice(persons []person) bool {
	seen := map[string]bool{}
	for _, p := range persons {
		if seen[p.provider] {
			return true
		}
		seen[p.provider] = true
	}
	return false
}

// add creates an identity. Its ID, REGION:UUID, is derived from its first person, so it is the same in the next run;
// after an unlink the person gets a new one.
func (b *identityStore) add(pool string, p person) (id string) {
	region, _, _ := strings.Cut(pool, ":")
	for try := 0; ; try++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%d", pool, p.provider, p.subject, try))
		id = fmt.Sprintf("%s:%x-%x-%x-%x-%x", region, sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
		if b.byID[id] == nil {
			break
		}
	}
	if b.byID == nil {
		b.byID = map[string]*identity{}
	}
	b.byID[id] = &identity{pool: pool, made: len(b.byID)}
	return id
}
