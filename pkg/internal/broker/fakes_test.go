package broker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// token makes an ID token for the subject that lives that long from noon. Nobody here checks its
// signature.
func token(t *testing.T, subject string, life time.Duration) identity.Token {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"iss": "https://idp", "sub": subject, "aud": "daypass",
		"email": subject + "@example.com", "exp": noon.Add(life).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := identity.ParseToken("e30." + base64.RawURLEncoding.EncodeToString(payload) + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func grant(t *testing.T, subject, refresh string, life time.Duration) identity.Grant {
	t.Helper()
	return identity.Grant{ID: token(t, subject, life), Refresh: secret.New(refresh)}
}

// fakeIdP answers as its fields say and counts.
type fakeIdP struct {
	signIn           identity.Grant
	signInErr        error
	signingIn        func() // nil: nothing happens meanwhile
	renew            func(kept identity.Grant) (identity.Grant, error)
	revokeErr        error
	revoking         func() // nil: nothing happens meanwhile
	signIns, renewed int
	revoked          []string
}

func (f *fakeIdP) SignIn(context.Context) (identity.Grant, error) {
	f.signIns++
	if f.signingIn != nil {
		f.signingIn()
	}
	return f.signIn, f.signInErr
}

func (f *fakeIdP) Renew(_ context.Context, kept identity.Grant) (identity.Grant, error) {
	f.renewed++
	return f.renew(kept)
}

func (f *fakeIdP) Revoke(_ context.Context, kept identity.Grant) error {
	f.revoked = append(f.revoked, kept.Refresh.Reveal())
	if f.revoking != nil {
		f.revoking()
	}
	return f.revokeErr
}

// fakeAWS gives an hour's credential for every token, numbered, after the errors it is to return.
type fakeAWS struct {
	life      time.Duration
	errs      []error
	during    func() // nil: nothing happens meanwhile
	exchanges int
	subjects  []string
}

func (f *fakeAWS) Exchange(_ context.Context, t identity.Token) (credential.Credential, error) {
	f.exchanges++
	f.subjects = append(f.subjects, t.Claims.Subject)
	if f.during != nil {
		f.during()
	}
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		if err != nil {
			return credential.Credential{}, err
		}
	}
	return issued(fmt.Sprintf("ASIA%d", f.exchanges), noon, f.life), nil
}

func issued(key string, at time.Time, life time.Duration) credential.Credential {
	return credential.Credential{AccessKeyID: key, SecretAccessKey: secret.New("secret-" + key),
		SessionToken: secret.New("token-" + key), Issued: at, Expiration: at.Add(life)}
}

// memory is a Store of a map; putErr, getErr and deleteErr make it fail.
type memory struct {
	mu                        sync.Mutex
	values                    map[string][]byte
	until                     map[string]time.Time
	puts                      []string
	putErr, getErr, deleteErr error
	// abandons makes a Put fail as one does that was given up: its value waits in late, to land when the
	// test says so.
	abandons bool
	late     [][]byte
}

func newMemory() *memory {
	return &memory{values: map[string][]byte{}, until: map[string]time.Time{}}
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key], m.getErr
}

func (m *memory) Put(_ context.Context, key string, value []byte, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.abandons {
		m.late = append(m.late, value)
		return errors.New("no answer in time")
	}
	if m.putErr != nil {
		return m.putErr
	}
	m.values[key] = value
	m.until[key] = until
	m.puts = append(m.puts, key)
	return nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.deleteErr != nil {
		return m.deleteErr
	}
	for k := range m.values {
		if k == key || strings.HasPrefix(k, key+"/") {
			delete(m.values, k)
		}
	}
	return nil
}

func (m *memory) holds(text string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, value := range m.values {
		if strings.Contains(string(value), text) {
			return true
		}
	}
	return false
}

// bench is a broker with its fakes.
type bench struct {
	*Broker
	idp      *fakeIdP
	aws      *fakeAWS
	memory   *memory
	keyring  *memory
	now      time.Time
	locks    int
	warnings []error
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		idp: &fakeIdP{signIn: grant(t, "alice", "refresh-1", time.Hour)}, aws: &fakeAWS{life: time.Hour},
		memory: newMemory(), keyring: newMemory(), now: noon,
	}
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		return identity.Grant{}, errors.New("no renewal was expected")
	}
	b.Broker = &Broker{
		Source: b.idp, Exchanger: b.aws, Memory: b.memory, Keyring: b.keyring,
		LoginKey: "login/x", CredentialKey: "login/x/credential/y",
		Now:  func() time.Time { return b.now },
		Warn: func(err error) { b.warnings = append(b.warnings, err) },
		Lock: func(context.Context) (func(), error) {
			b.locks++
			return func() {}, nil
		},
	}
	b.Apart = func(context.Context) (Wait, error) {
		return b.another().SignIn, nil
	}
	return b
}

// another returns the broker of another process: the same stores, nothing else.
func (b *bench) another() *Broker {
	other := *b.Broker
	other.grant = identity.Grant{}
	return &other
}

// wantNothing demands that no store holds more of the login than that it is over.
func (b *bench) wantNothing(t *testing.T) {
	t.Helper()
	for name, store := range map[string]*memory{"memory": b.memory, "keyring": b.keyring} {
		for key, value := range store.values {
			var r grantRecord
			if key != b.LoginKey || json.Unmarshal(value, &r) != nil || !reflect.DeepEqual(r, tombstone(r.Generation)) {
				t.Errorf("%s still holds %s: %s", name, key, value)
			}
		}
	}
	if g := b.another().Grant(t.Context()); !g.ID.IsZero() || !g.Refresh.IsZero() || g.ID.Claims.Subject != "" {
		t.Errorf("still signed in: %+v", g.ID.Claims)
	}
}

// keep has another process keep the grant, under the generation that holds.
func (b *bench) keep(t *testing.T, g identity.Grant) {
	t.Helper()
	other := b.another()
	_, generation := other.keptGrant(t.Context())
	if err := other.keepGrant(t.Context(), g, generation); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) want(t *testing.T, key string, signIns, renewed, exchanges int) {
	t.Helper()
	c, err := b.another().Credential(t.Context())
	if err != nil {
		t.Fatalf("Credential: %v", err)
	}
	if c.AccessKeyID != key {
		t.Errorf("credential %s, want %s", c.AccessKeyID, key)
	}
	if b.idp.signIns != signIns || b.idp.renewed != renewed || b.aws.exchanges != exchanges {
		t.Errorf("sign-ins %d, renewals %d, exchanges %d; want %d, %d, %d",
			b.idp.signIns, b.idp.renewed, b.aws.exchanges, signIns, renewed, exchanges)
	}
}
