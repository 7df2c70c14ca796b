// Package endpoint answers: how does an SDK get a credential over HTTP, again and again, from this machine
// or through an SSH tunnel?
//
// It is a container credentials endpoint (AWS SDKs and Tools Reference Guide, «Container credential
// provider») on a loopback port. Whoever asks must know its token, and be no browser and no other user. It
// renews before any SDK finds a credential stale, and never has anybody sign in.
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

// Source gives a fresh credential, or the best that can be had without a person. It is asked by one
// goroutine at a time.
type Source interface {
	Credential(ctx context.Context) (credential.Credential, error)
}

// Failure is what an SDK is told where there is no credential.
type Failure struct {
	// Code is for programs and Message a sentence for people. Neither has a secret.
	Code, Message string
	// Final says that asking again does not help until a person has done something: it is answered with
	// 4xx, where the Go SDK gives up at once and all others repeat a few times, and the rest with 5xx.
	Final bool
}

// Server is an endpoint. Its fields are set before Serve.
type Server struct {
	Source Source
	// SourceKeeps says that Source keeps what it gave, and forgets it when the person signs out. It is then
	// asked again every second that somebody asks here, and what it has forgotten is no longer given.
	SourceKeeps bool
	// Explain says what an error of Source means; nil: all of them may pass.
	Explain func(error) Failure
	// Notify hears of refusals, failures and renewals, never with a secret. It may be called by several
	// goroutines at once. Nil: nobody hears.
	Notify func(Event)
	Now    func() time.Time

	listener net.Listener
	limit    connlimit.Limit
	token    secret.String
	keeper   *keeper
	refusals refusals
}

// Limits. An SDK asks with a few hundred bytes and reads the answer at once; botocore waits 2 s for it.
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

// Listen binds the port on 127.0.0.1, 0 for any that is free, and makes a token of 130 bits.
func Listen(port int) (*Server, error) {
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listening on port %d: %w", port, err)
	}
	return &Server{Now: time.Now, token: secret.New(rand.Text()), listener: l,
		limit: connlimit.Limit{Max: ownAtOnce, MaxOthers: othersAtOnce, IsOther: peercred.IsOtherConn}}, nil
}

// URL is the value of AWS_CONTAINER_CREDENTIALS_FULL_URI.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + path }

// Token is what a request must bring as its Authorization header.
func (s *Server) Token() secret.String { return s.token }

// Close gives the port back where Serve was never called.
func (s *Server) Close() error { return s.listener.Close() }

// Serve answers until ctx ends, and then finishes what it has begun: answers that are on their way, and a
// renewal, whose new refresh token must not get lost.
func (s *Server) Serve(ctx context.Context) error {
	s.keeper = newKeeper(s)
	stop := s.keeper.renewInBackground()
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, WriteTimeout: answerTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerBytes, DisableGeneralOptionsHandler: true,
		ErrorLog: log.New(io.Discard, "", 0), // it would quote what was asked
	}
	s.limit.Watch(server)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(s.listener) }()
	select {
	case <-ctx.Done():
	case err := <-ended:
		stop(context.WithoutCancel(ctx))
		return fmt.Errorf("serving credentials: %w", err)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err := server.Shutdown(last)
	stop(last)
	if err != nil {
		err = server.Close()
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("ending: %w", err)
	}
	return nil
}

func (s *Server) notify(e Event) {
	if s.Notify != nil {
		s.Notify(e)
	}
}
