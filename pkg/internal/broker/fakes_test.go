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

// token returns an ID token for the subject that is valid that long from noon. Its signature is not checked here.
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

// fakeIdP answers according to its fields and counts calls.
type fakeIdP struct {
	signIn           identity.Grant
	signInErr        error
	signingIn        func() // called meanwhile, if not nil
	renew            func(g identity.Grant) (identity.Grant, error)
	revokeErr        error
	revoking         func() // called meanwhile, if not nil
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

func (f *fakeIdP) Renew(_ context.Context, g identity.Grant) (identity.Grant, error) {
	f.renewed++
	return f.renew(g)
}

func (f *fakeIdP) Revoke(_ context.Context, g identity.Grant) error {
	f.revoked = append(f.revoked, g.Refresh.Reveal())
	if f.revoking != nil {
		f.revoking()
	}
	return f.revokeErr
}

// fakeAWS returns the errors it is given, and then numbered credentials that last an hour.
type fakeAWS struct {
	life      time.Duration
	errs      []error
	during    func() // called meanwhile, if not nil
	exchanges int
	subjects  []string
}

func (f *fakeAWS) Exchange(_ context.Context, p identity.Proof) (credential.Credential, error) {
	f.exchanges++
	f.subjects = append(f.subjects, p.Claims.Subject)
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

// memory is a Store in a map. With putErr, getErr or deleteErr it fails.
type memory struct {
	mu                        sync.Mutex
	values                    map[string][]byte
	until                     map[string]time.Time
	puts                      []string
	putErr, getErr, deleteErr error
	// abandons makes Put fail like a call that was abandoned. Its value waits in late until the test stores it.
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

// bench has the fakes, and the settings of every process that uses them.
type bench struct {
	idp     *fakeIdP
	aws     *fakeAWS
	memory  *memory
	keyring *memory
	now     time.Time
	locks   int

	Memory, Keyring Store
	Index           Index
	SignIns         SignIns
	Background      func(context.Context) (Wait, error)
	Settle          func(error)
	Lock            func(context.Context) (func(), error)
	Step            func(string)
	CredentialKey   string
	guest           bool

	warnings []error
}

const loginKey = "login/x"

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		idp: &fakeIdP{signIn: grant(t, "alice", "refresh-1", time.Hour)}, aws: &fakeAWS{life: time.Hour},
		memory: newMemory(), keyring: newMemory(), now: noon, CredentialKey: loginKey + "/credential/y",
	}
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		return identity.Grant{}, errors.New("no renewal was expected")
	}
	b.Memory, b.Keyring = b.memory, b.keyring
	b.Lock = func(context.Context) (func(), error) {
		b.locks++
		return func() {}, nil
	}
	b.Background = func(context.Context) (Wait, error) { return b.another().SignIn, nil }
	return b
}

// process is the broker of one process. Its only session is a person's or a guest's.
type process struct {
	*Broker
	*PersonSession
	guest *GuestSession
}

// another returns a process with the bench's stores and settings.
func (b *bench) another() *process {
	warn := func(err error) { b.warnings = append(b.warnings, err) }
	now := func() time.Time { return b.now }
	step := func(step string) {
		if b.Step != nil {
			b.Step(step)
		}
	}
	p := &process{
		PersonSession: &PersonSession{IdP: b.idp, Memory: b.Memory, Keyring: b.Keyring, Index: b.Index, LoginKey: loginKey,
			Locker: b.Lock, SignIns: b.SignIns, Background: b.Background, Settle: b.Settle, Now: now, Warn: warn, Step: step},
		guest: &GuestSession{Memory: b.Memory, Keyring: b.Keyring, Index: b.Index, LoginKey: loginKey, Locker: b.Lock, Warn: warn, Step: step},
	}
	sessions := []Session{p.PersonSession}
	if b.guest {
		sessions = []Session{p.guest}
	}
	p.Broker = &Broker{Sessions: sessions, Exchanger: b.aws, Memory: b.Memory, CredentialKey: b.CredentialKey, Now: now, Warn: warn, Step: step}
	return p
}

func (p *process) SignIn(ctx context.Context) (credential.Credential, error) {
	return p.Broker.SignIn(ctx)
}

func (p *process) Grant(ctx context.Context) identity.Grant { return p.PersonSession.Grant(ctx) }

func (b *bench) Credential(ctx context.Context) (credential.Credential, error) {
	return b.another().Credential(ctx)
}

func (b *bench) CredentialLasting(ctx context.Context, least time.Duration) (credential.Credential, error) {
	return b.another().CredentialLasting(ctx, least)
}

// cache caches a credential as another process would, for a sign-in of that generation, unless that has ended.
func (b *bench) cache(ctx context.Context, c credential.Credential, generation int64) error {
	other := b.another()
	other.generation = generation
	if err := other.Issued(ctx); err != nil || b.Memory == nil {
		return err
	}
	return b.Memory.Put(ctx, b.CredentialKey, c.Record(), c.Expiration)
}

// wantSignedOut checks that the stores hold nothing of the login except the mark of a sign-out.
func (b *bench) wantSignedOut(t *testing.T) {
	t.Helper()
	for name, store := range map[string]*memory{"memory": b.memory, "keyring": b.keyring} {
		for key, value := range store.values {
			var r grantRecord
			if key != loginKey || json.Unmarshal(value, &r) != nil || !reflect.DeepEqual(r, signOutMark(r.Generation)) {
				t.Errorf("%s still holds %s: %s", name, key, value)
			}
		}
	}
	if g := b.another().Grant(t.Context()); !g.ID.IsZero() || !g.Refresh.IsZero() || g.ID.Claims.Subject != "" {
		t.Errorf("still signed in: %+v", g.ID.Claims)
	}
}

// store stores the grant as another process would, with the current generation.
func (b *bench) store(t *testing.T, g identity.Grant) {
	t.Helper()
	other := b.another()
	_, generation := other.storedGrant(t.Context())
	if err := other.storeGrant(t.Context(), g, generation); err != nil {
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
