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

// Why an identity refuses. Cognito words them.
var (
	errIdentityForbidden = errors.New("the identity is signed in or disabled")
	errLoginsMismatch    = errors.New("no login of the identity was shown")
	errLoginTaken        = errors.New("the identity has another login of that provider")
)

// person is somebody at one provider.
type person struct{ provider, subject string }

// identity is somebody in a pool, and the logins that lead there.
type identity struct {
	pool     string
	made     int // which one of the book it was
	linked   []person
	signedIn bool // a login was ever linked: no guest may have it any more
	disabled bool // it was merged into another one
}

// identityBook holds the identities of all pools by identity ID, for as long as the process runs.
// The zero value is empty and ready.
type identityBook struct {
	mu   sync.Mutex
	byID map[string]*identity
}

// guest makes an identity that nobody has signed in to: another one each time (GetId).
func (b *identityBook) guest(pool string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.add(pool, person{subject: random(16)})
}

// signIn finds the identity of logins that were shown together, or makes it.
func (b *identityBook) signIn(pool string, persons []person) (id string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := b.reached(pool, persons)
	if len(ids) == 0 {
		ids = []string{b.add(pool, persons[0])}
	}
	return b.unite(ids, persons)
}

// enter checks that the logins lead to an identity, links those that are new to it, and merges what
// they lead to with it. The identity that is returned may be another one.
func (b *identityBook) enter(id string, persons []person) (owner string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.byID[id]
	switch {
	case one == nil || one.disabled:
		return "", errIdentityForbidden // assumed, even when the logins lead to its owner
	case one.signedIn && !one.has(persons):
		return "", errLoginsMismatch
	}
	ids := b.reached(one.pool, persons)
	if !slices.Contains(ids, id) {
		ids = append(ids, id)
	}
	return b.unite(ids, persons)
}

// enterAsGuest checks that nobody ever signed in to the identity.
func (b *identityBook) enterAsGuest(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.byID[id]; one == nil || one.disabled || one.signedIn {
		return errIdentityForbidden
	}
	return nil
}

// unlink takes the logins of providers from an identity to which one of the persons must lead. A
// provider without a login there changes nothing (assumed).
func (b *identityBook) unlink(id string, persons []person, providers []string) error {
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

// poolOf is the pool of an identity; "" when there is no such identity.
func (b *identityBook) poolOf(id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.byID[id]; one != nil {
		return one.pool
	}
	return ""
}

// reached are the identities of a pool that persons lead to.
func (b *identityBook) reached(pool string, persons []person) []string {
	var ids []string
	for id, one := range b.byID {
		if one.pool == pool && one.has(persons) {
			ids = append(ids, id)
		}
	}
	return ids
}

// unite makes one identity of several and links persons to it. An identity that was signed in to owns
// a guest's, and an older one a younger (assumed: AWS says only that one of them is the owner).
func (b *identityBook) unite(ids []string, persons []person) (owner string, err error) {
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

// add makes an empty identity. Its ID, REGION:UUID, follows from its first person and is the same in
// the next run; one that was unlinked gets a new one.
func (b *identityBook) add(pool string, p person) (id string) {
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
