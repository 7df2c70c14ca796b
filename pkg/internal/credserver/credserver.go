// Package credserver serves credentials to AWS SDKs over HTTP, on this machine or through an SSH tunnel.
//
// It is a container credentials endpoint (AWS SDKs and Tools Reference Guide, "Container credential provider") on a
// loopback port. Requests need the server's token, and are refused if they come from a browser or from another user.
// The server renews a credential before any SDK considers it stale, and never starts a sign-in.
package credserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/connlimit"
	"github.com/daypass/daypass/pkg/internal/peercred"
	"github.com/daypass/daypass/pkg/secret"
)

// Source returns a fresh credential, or the best one that can be had without a person. One goroutine at a time calls
// it.
type Source interface {
	Credential(ctx context.Context) (credential.Credential, error)
}

// Failure is the answer to an SDK when there is no credential.
type Failure struct {
	// Code is for programs, and Message is a sentence for people. Neither contains a secret.
	Code, Message string
	// Final says that a retry does not help until a person has acted. The status is then 4xx, otherwise 5xx. On 4xx
	// the Go SDK stops immediately, and all others retry a few times.
	Final bool
}

// Server is a credential server. Its fields are set before Serve.
type Server struct {
	Source Source
	// SourceCaches says that Source caches its credential and deletes it when the person signs out. Then Source is
	// asked at most once a second while requests arrive, so that the server does not return a deleted credential.
	SourceCaches bool
	// Explain returns the answer for an error of Source. If it is nil, every error is treated as temporary.
	Explain func(error) Failure
	// Notify receives refusals, failures and renewals, which never contain a secret. Several goroutines may call it
	// at once. It may be nil.
	Notify func(Event)
	Now    func() time.Time

	listener net.Listener
	limit    connlimit.Limit
	// peer returns the user that sent a request.
	peer      func(*http.Request) (peercred.Peer, error)
	token     secret.String
	refresher *refresher
	refusals  refusals
}

// Limits of a connection. An SDK's request has a few hundred bytes, and the SDK reads the answer immediately; botocore
// waits 2 s for it.
const (
	headerBytes  = 8 << 10
	headerTime   = 5 * time.Second
	answerTime   = 10 * time.Second
	idleTime     = 30 * time.Second
	stopTime     = 5 * time.Second
	ownAtOnce    = 256
	othersAtOnce = 8
)

const path = "/credentials"

// Listen binds the port on 127.0.0.1 (0: any free port) and creates a token of 130 bits.
func Listen(port int) (*Server, error) {
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listening on port %d: %w", port, err)
	}
	peers := peercred.New()
	return &Server{Now: time.Now, token: secret.New(rand.Text()), listener: l, peer: peers.Request,
		limit: connlimit.Limit{Max: ownAtOnce, MaxOthers: othersAtOnce, IsOther: peers.IsOther}}, nil
}

// URL returns the value of AWS_CONTAINER_CREDENTIALS_FULL_URI.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + path }

// Token returns the value of the Authorization header that a request needs.
func (s *Server) Token() secret.String { return s.token }

// Close releases the port if Serve was never called.
func (s *Server) Close() error { return s.listener.Close() }

// Serve answers requests until ctx ends. Then it completes the answers it has begun, and a pending renewal, whose new
// refresh token must not get lost.
func (s *Server) Serve(ctx context.Context) error {
	s.refresher = newRefresher(s)
	stop := s.refresher.renewInBackground()
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, WriteTimeout: answerTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerBytes, DisableGeneralOptionsHandler: true,
		ErrorLog: log.New(io.Discard, "", 0), // it would quote requests
	}
	s.limit.Watch(server)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(connlimit.Listener(s.listener)) }()
	select {
	case <-ctx.Done():
	case err := <-ended:
		stop(context.WithoutCancel(ctx))
		return fmt.Errorf("serving credentials: %w", err)
	}
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err := server.Shutdown(stopCtx)
	stop(stopCtx)
	if err != nil {
		err = server.Close()
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stopping the credential server: %w", err)
	}
	return nil
}

func (s *Server) notify(e Event) {
	if s.Notify != nil {
		s.Notify(e)
	}
}
