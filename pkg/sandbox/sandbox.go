package sandbox

import (
	"errors"
	"time"
)

// What Start sets up.
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
}

// Start starts all four: the role RoleARN and the pool PoolID trust the client "daypass" of the IdP,
// and each session may write in Bucket under uploads/SUB/ or, through the pool, under u/IDENTITY-ID/.
// Close ends them.
func Start() (*Sandbox, error) {
	sessions := &Sessions{}
	s := &Sandbox{}
	var errs [4]error
	if s.IdP, errs[0] = NewIdP(); errs[0] != nil {
		return nil, errs[0]
	}
	issuer, audiences := s.IdP.URL(), []string{"daypass"}
	s.STS, errs[1] = NewSTS(sessions, Role{ARN: RoleARN, Issuer: issuer, Audiences: audiences, MaxDuration: 12 * time.Hour})
	s.Cognito, errs[2] = NewCognito(sessions, Pool{ID: PoolID, Issuers: map[string][]string{issuer: audiences}, AuthenticatedRole: RoleARN})
	s.S3, errs[3] = NewS3(sessions, Bucket, "uploads/{sub}/", "u/{identity_id}/")
	if err := errors.Join(errs[:]...); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Environ points AWS clients at the sandbox, with the SDKs' own variables.
func (s *Sandbox) Environ() []string {
	return []string{
		"AWS_ENDPOINT_URL_STS=" + s.STS.URL(),
		"AWS_ENDPOINT_URL_S3=" + s.S3.URL(),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY=" + s.Cognito.URL(),
	}
}

// SetNow gives all four one clock. Call it before the first request.
func (s *Sandbox) SetNow(now func() time.Time) {
	s.IdP.Now, s.STS.Now, s.Cognito.Now, s.S3.Now = now, now, now, now
}

// Close ends all four.
func (s *Sandbox) Close() error {
	err := s.IdP.Close()
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
