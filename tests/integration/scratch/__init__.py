"""Throwaway servers, for real."""
