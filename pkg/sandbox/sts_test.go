package sandbox

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const roleARN = "arn:aws:iam::111122223333:role/team/PhotoUploader"

func newSTS(t *testing.T, p *IdP) *STS {
	t.Helper()
	s, err := NewSTS(&Sessions{}, Role{ARN: roleARN, Issuer: p.URL(), Audiences: []string{"daypass"}, MaxDuration: 2 * time.Hour},
		Role{ARN: roleARN + "Bob", Issuer: p.URL(), Audiences: []string{"daypass"}, Subjects: []string{p.Users["bob"].Subject}},
		Role{ARN: roleARN + "Other", Issuer: p.URL(), Audiences: []string{"another-client"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func stsClient(s *STS) *sts.Client {
	return sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.URL()), Credentials: aws.AnonymousCredentials{},
		RetryMaxAttempts: 1})
}

// idToken signs alice in and returns her ID token.
func idToken(t *testing.T, p *IdP) string {
	t.Helper()
	token, _ := newApp(t, p).redeem().Extra("id_token").(string)
	return token
}

func input(token string) *sts.AssumeRoleWithWebIdentityInput {
	return &sts.AssumeRoleWithWebIdentityInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("alice@example.com"),
		WebIdentityToken: aws.String(token)}
}

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	s := newSTS(t, p)
	in := input(idToken(t, p))
	in.DurationSeconds = aws.Int32(900)
	in.MinimumSessionTokenSize = aws.Int32(4096)
	in.Policy = aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`)
	out, err := stsClient(s).AssumeRoleWithWebIdentity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *out.AssumedRoleUser.Arn, "arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice@example.com"; got != want {
		t.Errorf("Arn = %s, want %s", got, want)
	}
	if got := *out.AssumedRoleUser.AssumedRoleId; !strings.HasPrefix(got, "AROA") || !strings.HasSuffix(got, ":alice@example.com") {
		t.Errorf("AssumedRoleId = %s", got)
	}
	if *out.SubjectFromWebIdentityToken != p.Users["alice"].Subject || *out.Audience != "daypass" || *out.Provider != p.URL() {
		t.Errorf("subject, audience, provider = %s, %s, %s", *out.SubjectFromWebIdentityToken, *out.Audience, *out.Provider)
	}
	if left := time.Until(*out.Credentials.Expiration); left > 15*time.Minute || left < 14*time.Minute {
		t.Errorf("lifetime %v, want 15m", left)
	}
	if got := len(*out.Credentials.SessionToken); got != 4096 {
		t.Errorf("the session token has %d bytes, want 4096", got)
	}
	session, ok := s.sessions.Find(*out.Credentials.AccessKeyId)
	if !ok || session.SecretAccessKey.Reveal() != *out.Credentials.SecretAccessKey || session.Subject != p.Users["alice"].Subject {
		t.Errorf("the session is %+v, %t", session, ok)
	}
	if last := s.Last(); last.Get("DurationSeconds") != "900" || last.Has("WebIdentityToken") {
		t.Errorf("Last() = %v", last)
	}
	if got := s.Count("AssumeRoleWithWebIdentity"); got != 1 {
		t.Errorf("Count = %d, want 1", got)
	}
	if p.Count("jwks:aws") != 1 || p.Count("jwks") != 0 {
		t.Error("fetches by the sandbox's AWS are counted as the client's")
	}
}

// wantAWSError checks the code and a part of the message.
func wantAWSError(t *testing.T, what string, err error, code, message string) {
	t.Helper()
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		t.Errorf("%s: %v, want %s", what, err, code)
		return
	}
	if refused.ErrorCode() != code || !strings.Contains(refused.ErrorMessage(), message) {
		t.Errorf("%s: %s: %s, want %s: …%s…", what, refused.ErrorCode(), refused.ErrorMessage(), code, message)
	}
}

func TestSTSRefusesTokens(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	s := newSTS(t, p)
	mallory := newIdP(t)
	for name, c := range map[string]struct {
		knob          func(*Knobs)
		code, message string
	}{
		"WrongAudience": {func(k *Knobs) { k.WrongAudience = true }, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"WrongAzp":      {func(k *Knobs) { k.WrongAzp = true }, "AccessDenied", ""},
		"WrongIssuer":   {func(k *Knobs) { k.WrongIssuer = true }, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://mallory.example.com"},
		"WrongKey":      {func(k *Knobs) { k.WrongKey = true }, "InvalidIdentityToken", "Couldn't retrieve verification key"},
		"EdDSA":         {func(k *Knobs) { k.Alg = "EdDSA" }, "InvalidIdentityToken", "Couldn't retrieve verification key"},
		"PS256":         {func(k *Knobs) { k.Alg = "PS256" }, "InvalidIdentityToken", "Couldn't retrieve verification key"},
		"AlgNone":       {func(k *Knobs) { k.AlgNone = true }, "InvalidIdentityToken", "not a valid JWT"},
		"Expired":       {func(k *Knobs) { k.Expired = true }, "ExpiredTokenException", "Token expired: current date/time"},
		"ExtraAudience": {func(k *Knobs) { k.ExtraAudience = true }, "InvalidIdentityToken", "more than one audience"},
	} {
		p.Set(func(k *Knobs) { *k = Knobs{AutoSignIn: "alice", TokenLife: time.Hour}; c.knob(k) })
		_, err := stsClient(s).AssumeRoleWithWebIdentity(t.Context(), input(idToken(t, p)))
		wantAWSError(t, name, err, c.code, c.message)
	}
	_, err := stsClient(s).AssumeRoleWithWebIdentity(t.Context(), input(idToken(t, mallory)))
	wantAWSError(t, "another IdP", err, "InvalidIdentityToken", "No OpenIDConnect provider")
	_, err = stsClient(s).AssumeRoleWithWebIdentity(t.Context(), input("an.access.token"))
	wantAWSError(t, "an access token", err, "InvalidIdentityToken", "not a valid JWT")
}

func TestSTSAudienceOfNoRole(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	p.Clients["third"] = Client{ID: "third"}
	a := newApp(t, p)
	a.config.ClientID = "third"
	token, _ := a.redeem().Extra("id_token").(string)
	_, err := stsClient(newSTS(t, p)).AssumeRoleWithWebIdentity(t.Context(), input(token))
	wantAWSError(t, "a third client", err, "InvalidIdentityToken", "Incorrect token audience")
}

// A token is refused five minutes after its expiry, but not four minutes after.
func TestSTSLeeway(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	token := idToken(t, p)
	for late, want := range map[time.Duration]bool{4 * time.Minute: true, 6 * time.Minute: false} {
		s := newSTS(t, p)
		s.Now = func() time.Time { return time.Now().Add(time.Hour + late) }
		_, err := stsClient(s).AssumeRoleWithWebIdentity(t.Context(), input(token))
		if (err == nil) != want {
			t.Errorf("%v late: %v", late, err)
		}
	}
}

func TestSTSRefusesRequests(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	s := newSTS(t, p)
	token := idToken(t, p)
	for name, c := range map[string]struct {
		change        func(*sts.AssumeRoleWithWebIdentityInput)
		code, message string
	}{
		"session name": {func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleSessionName = aws.String("a/b") }, "ValidationError",
			`1 validation error detected: Value 'a/b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`},
		"short name": {func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleSessionName = aws.String("a") }, "ValidationError", "greater than or equal to 2"},
		"short life": {func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(60) }, "ValidationError", "greater than or equal to 900"},
		"long life":  {func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(7201) }, "ValidationError", "exceeds the MaxSessionDuration"},
		"day-long":   {func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(86400) }, "ValidationError", "less than or equal to 43200"},
		"policy":     {func(in *sts.AssumeRoleWithWebIdentityInput) { in.Policy = aws.String("{") }, "MalformedPolicyDocument", ""},
		"unknown role": {func(in *sts.AssumeRoleWithWebIdentityInput) {
			in.RoleArn = aws.String("arn:aws:iam::111122223333:role/nobody")
		}, "AccessDenied", ""},
		"bob's role": {func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleArn = aws.String(roleARN + "Bob") }, "AccessDenied", ""},
		"ProviderId": {func(in *sts.AssumeRoleWithWebIdentityInput) { in.ProviderId = aws.String("graph.facebook.com") }, "InvalidIdentityToken", ""},
	} {
		in := input(token)
		c.change(in)
		_, err := stsClient(s).AssumeRoleWithWebIdentity(t.Context(), in)
		wantAWSError(t, name, err, c.code, c.message)
	}
	if got := s.Count("signed"); got != 0 {
		t.Errorf("%d requests counted as signed, want 0", got)
	}
}

func TestSTSFaults(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	s := newSTS(t, p)
	token := idToken(t, p)
	s.Break(Fault{Code: "RegionDisabledException", Status: 403, Message: "STS is not activated", Times: 1})
	_, err := stsClient(s).AssumeRoleWithWebIdentity(t.Context(), input(token))
	wantAWSError(t, "a fault", err, "RegionDisabledException", "not activated")
	if _, err = stsClient(s).AssumeRoleWithWebIdentity(t.Context(), input(token)); err != nil {
		t.Errorf("after the fault: %v", err)
	}
	p.Close()
	_, err = stsClient(s).AssumeRoleWithWebIdentity(t.Context(), input(token))
	wantAWSError(t, "a dead IdP", err, "IDPCommunicationError", "")
}
