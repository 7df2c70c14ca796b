package sandbox

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"time"
)

// The defaults of Start.
const (
	RoleARN = "arn:aws:iam::111122223333:role/PhotoUploader"
	PoolID  = "us-east-1:11111111-2222-3333-4444-555555555555"
	Bucket  = "photos"
)

// Sandbox is an IdP and the AWS services that trust it.
type Sandbox struct {
	IdP     *IdP
	STS     *STS
	Cognito *Cognito
	S3      *S3
	// OAuth is a provider without ID tokens, which takes the place of Facebook at STS and the pool.
	OAuth *OAuth

	// RoleARN is the ARN of the role to assume.
	RoleARN string

	account   account
	authority *authority // nil without TLS
}

// Start starts all servers. The role RoleARN and the pool PoolID trust the IdP's client "daypass", and each session
// may write to Bucket under uploads/SUB/ or, through the pool, under u/IDENTITY-ID/. The pool admits guests. Call
// Close when done.
func Start() (*Sandbox, error) { return StartWith(Options{}) }

// StartWith is Start with options. It returns an *OptionError for an invalid option.
func StartWith(o Options) (*Sandbox, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Sandbox{RoleARN: cmp.Or(o.RoleARN, RoleARN)}
	if err := s.start(o); err != nil {
		s.Close()
		if _, ok := errors.AsType[*net.OpError](err); ok && o.Port != 0 {
			err = &OptionError{"port", err}
		}
		return nil, err
	}
	return s, nil
}

// start starts the IdP first, because the other servers trust its URL.
func (s *Sandbox) start(o Options) error {
	sessions, err := &Sessions{}, error(nil)
	if o.TLS {
		if s.authority, err = newAuthority(time.Now()); err != nil {
			return err
		}
	}
	if s.IdP, err = startIdP(o.port(0)); err != nil {
		return err
	}
	if err := s.prepare(&s.IdP.server, "idp", sessions, o); err != nil {
		return err
	}
	if s.account, err = newAccount(o, s.RoleARN, s.IdP.URL()); err != nil {
		return err
	}
	s.setIdP(o)
	for _, step := range []func(*Sessions, Options) error{s.startOAuth, s.startSTS, s.startCognito, s.startS3} {
		if err := step(sessions, o); err != nil {
			return err
		}
	}
	return s.breakAll(o.Faults)
}

// prepare applies the options that concern every server.
func (s *Sandbox) prepare(of *server, name string, sessions *Sessions, o Options) error {
	if o.Log != nil {
		of.log = &requestLog{server: name, write: o.Log, sessions: sessions, now: time.Now}
	}
	if s.authority == nil {
		return nil
	}
	config, err := s.authority.serverConfig(time.Now())
	if err != nil {
		return err
	}
	of.secure(config)
	return nil
}

func (s *Sandbox) setIdP(o Options) {
	for _, user := range o.Users {
		s.IdP.addUser(user)
	}
	for _, id := range s.account.audiences {
		if _, known := s.IdP.Clients[id]; !known {
			s.IdP.Clients[id] = nativeClient(id)
		}
	}
	if o.TokenLife != 0 {
		s.IdP.Set(func(k *Knobs) { k.TokenLife = o.TokenLife })
	}
}

func (s *Sandbox) startOAuth(sessions *Sessions, o Options) (err error) {
	if s.OAuth, err = startOAuth(o.port(4)); err != nil {
		return err
	}
	for _, user := range o.Users {
		s.OAuth.addUser(user)
	}
	return s.prepare(&s.OAuth.server, "oauth", sessions, o)
}

func (s *Sandbox) startSTS(sessions *Sessions, o Options) (err error) {
	if s.STS, err = startSTS(o.port(1), sessions, s.account.role, s.account.guestRole); err != nil {
		return err
	}
	s.STS.Inspectors[facebook] = s.OAuth.Inspect
	s.STS.SessionLife, s.STS.verifier.client = o.SessionLife, *s.Client()
	return s.prepare(&s.STS.server, "sts", sessions, o)
}

func (s *Sandbox) startCognito(sessions *Sessions, o Options) (err error) {
	if s.Cognito, err = startCognito(o.port(2), sessions, s.account.pool); err != nil {
		return err
	}
	s.STS.TrustPools(s.Cognito)
	s.Cognito.Inspectors[facebook] = s.OAuth.Inspect
	s.Cognito.SessionLife, s.Cognito.verifier.client = cmp.Or(o.SessionLife, s.Cognito.SessionLife), *s.Client()
	return s.prepare(&s.Cognito.server, "cognito", sessions, o)
}

func (s *Sandbox) startS3(sessions *Sessions, o Options) (err error) {
	if s.S3, err = startS3(o.port(3), sessions, s.account.bucket); err != nil {
		return err
	}
	if err := s.prepare(&s.S3.server, "s3", sessions, o); err != nil {
		return err
	}
	if s.S3.log != nil {
		s.S3.log.operation = func(r *http.Request) string { return operationOf(r).name }
	}
	return nil
}

func (s *Sandbox) breakAll(faults []string) error {
	for _, fault := range faults {
		if err := s.breakByName(fault); err != nil {
			return err
		}
	}
	return nil
}

// CABundle returns the certificate, in PEM, of the authority that issued the servers' certificates. It is nil without
// Options.TLS. The authority's key exists only in memory.
func (s *Sandbox) CABundle() []byte {
	if s.authority == nil {
		return nil
	}
	return s.authority.bundle()
}

// Client returns an HTTP client that can reach the servers, over TLS too.
func (s *Sandbox) Client() *http.Client {
	if s.authority == nil {
		return &http.Client{}
	}
	return &http.Client{Transport: s.authority.transport()}
}

// Environ returns the SDKs' environment variables that point AWS clients at the sandbox, as NAME=value.
func (s *Sandbox) Environ() []string {
	return []string{
		"AWS_ENDPOINT_URL_STS=" + s.STS.URL(),
		"AWS_ENDPOINT_URL_S3=" + s.S3.URL(),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY=" + s.Cognito.URL(),
	}
}

// SetNow sets the clock of all servers. Call it before the first request.
func (s *Sandbox) SetNow(now func() time.Time) {
	s.IdP.Now, s.OAuth.Now, s.STS.Now, s.Cognito.Now, s.S3.Now = now, now, now, now, now
}

// Close stops all servers.
func (s *Sandbox) Close() error {
	var err error
	if s.IdP != nil {
		err = s.IdP.Close()
	}
	if s.OAuth != nil {
		err = errors.Join(err, s.OAuth.Close())
	}
	if s.STS != nil {
		err = errors.Join(err, s.STS.Close())
	}
	if s.Cognito != nil {
		err = errors.Join(err, s.Cognito.Close())
	}
	if s.S3 != nil {
		err = errors.Join(err, s.S3.Close())
	}
	return err
}

func (s *Sandbox) servers() map[string]*server {
	return map[string]*server{"idp": &s.IdP.server, "sts": &s.STS.server, "cognito": &s.Cognito.server, "s3": &s.S3.server, "oauth": &s.OAuth.server}
}
